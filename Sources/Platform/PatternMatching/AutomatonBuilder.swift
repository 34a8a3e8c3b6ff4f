/// Builds the automaton breadth first, straight from the sorted patterns: a state is the range of patterns that begin
/// with it, so no trie is made in between.
struct AutomatonBuilder {
    private let alphabet: Alphabet
    private var cells: [Automaton.Cell] = []
    private var outputs: [Automaton.Output] = []
    private var free = FreeCells()

    private struct Entry {
        var codes: [Int32]
        var pattern: Int32
    }

    private struct State {
        var index: Int32
        var depth: Int
        /// The sorted patterns that begin with this state and are longer than it.
        var entries: Range<Int>
    }

    private struct Child {
        var code: Int32
        var entries: Range<Int>
    }

    init(alphabet: Alphabet) { self.alphabet = alphabet }

    consuming func automaton(for patterns: [[UInt32]]) -> Automaton {
        let entries = patterns.enumerated().compactMap { index, pattern in
            pattern.isEmpty ? nil : Entry(codes: pattern.map(alphabet.code(of:)), pattern: Int32(index))
        }
        .sorted { $0.codes.lexicographicallyPrecedes($1.codes) }

        cells = [Automaton.Cell()]
        free.extend(to: 1)
        free.take(Automaton.root)
        var states = [State(index: Automaton.root, depth: 0, entries: entries.indices)]
        var next = 0
        while next < states.count {
            let state = states[next]
            next += 1
            addChildren(of: state, entries: entries, to: &states)
        }
        // A step from any state reads `base + code`, whether or not there is a child.
        let reach = (cells.map(\.base).max() ?? 0) + alphabet.codeLimit
        if cells.count < Int(reach) {
            cells.append(contentsOf: repeatElement(Automaton.Cell(), count: Int(reach) - cells.count))
        }
        return Automaton(cells: cells, outputs: outputs)
    }

    private mutating func addChildren(of state: State, entries: [Entry], to states: inout [State]) {
        let children = children(of: state, entries: entries)
        guard let first = children.first, let last = children.last else { return }
        let base = base(for: children, first: first.code, last: last.code)
        cells[Int(state.index)].base = base
        for child in children {
            let index = base + child.code
            free.take(index)
            let failure = failure(ofChildBy: child.code, of: state)
            cells[Int(index)] = Automaton.Cell(parent: state.index, failure: failure)

            // Patterns that end here come first in the range; the chain goes on with those that end at the suffix.
            let longer = child.entries.partitioned { entries[$0].codes.count > state.depth + 1 }
            var output = cells[Int(failure)].output
            for entry in entries[child.entries.lowerBound..<longer].reversed() {
                outputs.append(.init(pattern: entry.pattern, length: Int32(state.depth + 1), next: output))
                output = Int32(outputs.count - 1)
            }
            cells[Int(index)].output = output
            if longer < child.entries.upperBound {
                states.append(
                    State(index: index, depth: state.depth + 1, entries: longer..<child.entries.upperBound))
            }
        }
    }

    private func children(of state: State, entries: [Entry]) -> [Child] {
        var children: [Child] = []
        var start = state.entries.lowerBound
        for position in state.entries {
            let code = entries[position].codes[state.depth]
            let following = position + 1
            if following == state.entries.upperBound || entries[following].codes[state.depth] != code {
                children.append(Child(code: code, entries: start..<following))
                start = following
            }
        }
        return children
    }

    /// Every shorter state already has its place, and failures only lead to shorter states.
    private func failure(ofChildBy code: Int32, of state: State) -> Int32 {
        guard state.index != Automaton.root else { return Automaton.root }
        var suffix = cells[Int(state.index)].failure
        while true {
            let next = Int(cells[Int(suffix)].base + code)
            if next < cells.count, cells[next].parent == suffix { return Int32(next) }
            if suffix == Automaton.root { return Automaton.root }
            suffix = cells[Int(suffix)].failure
        }
    }

    /// A base that puts every child on a free cell.
    ///
    /// Tries the holes left by earlier states, but only so many: almost all states have one child and will fill them.
    private mutating func base(for children: [Child], first: Int32, last: Int32) -> Int32 {
        var candidate = free.first
        for _ in 0..<64 {
            guard let cell = candidate else { break }
            let base = cell - first
            if base >= 0, children.allSatisfy({ free.contains(base + $0.code) }) {
                reserve(through: base + last)
                return base
            }
            candidate = free.next(after: cell)
        }
        let base = max(0, Int32(cells.count) - first)
        reserve(through: base + last)
        return base
    }

    private mutating func reserve(through index: Int32) {
        guard cells.count <= Int(index) else { return }
        // In steps, so that holes arise to choose from and the arrays do not grow one by one.
        let count = Int(index) + 1 + Int(alphabet.codeLimit)
        cells.append(contentsOf: repeatElement(Automaton.Cell(), count: count - cells.count))
        free.extend(to: count)
    }
}

extension Range<Int> {
    /// The first position for which `predicate` holds; it must hold for all positions after that.
    fileprivate func partitioned(by predicate: (Int) -> Bool) -> Int {
        var low = lowerBound
        var high = upperBound
        while low < high {
            let middle = low + (high - low) / 2
            if predicate(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
