import PatternMatching

/// A way to read a text: folded units, and where they come from.
protocol Reading {
    var haystack: Haystack { get }
    /// Separators between the unit at `index` and the one before it; the most that stand between parts of the unit
    /// itself if those are more.
    func gap(before index: Int) -> Int
    /// The unit at `index` continues the token of the one before it, if both are letters or digits.
    func isJoined(at index: Int) -> Bool
    /// Indices in the original of the first and last scalar that became this unit.
    func firstOffset(of index: Int) -> Int
    func lastOffset(of index: Int) -> Int
    /// The unit is not what plain folding gives.
    func isChanged(at index: Int) -> Bool
}

extension FoldedText: Reading {
    func firstOffset(of index: Int) -> Int { offset(of: index) }
    func lastOffset(of index: Int) -> Int { offset(of: index) }
    func isChanged(at index: Int) -> Bool { isSign(at: index) }
}

/// Another reading of a folded text, some of whose units stand for one or more of that text's.
final class SecondReading: Reading {
    let haystack = Haystack()
    private let base: FoldedText
    private var units: [UInt32] = []
    /// For each unit, the first and last index in the base.
    private var firsts: [Int] = []
    private var lasts: [Int] = []
    private var changed: [Bool] = []

    init(of base: FoldedText) { self.base = base }

    func clear() {
        units.removeAll(keepingCapacity: true)
        firsts.removeAll(keepingCapacity: true)
        lasts.removeAll(keepingCapacity: true)
        changed.removeAll(keepingCapacity: true)
    }

    func append(_ unit: UInt32, from first: Int, through last: Int, isChanged: Bool) {
        units.append(unit)
        firsts.append(first)
        lasts.append(last)
        changed.append(isChanged)
    }

    func finish() { haystack.assign(units) }

    /// Index in the base of the first and last unit that became this one.
    func baseRange(of index: Int) -> ClosedRange<Int> { firsts[index]...lasts[index] }

    func gap(before index: Int) -> Int {
        var widest = base.gap(before: firsts[index])
        if firsts[index] < lasts[index] {
            for inner in firsts[index] + 1...lasts[index] { widest = max(widest, base.gap(before: inner)) }
        }
        return widest
    }

    func isJoined(at index: Int) -> Bool { base.isJoined(at: firsts[index]) }
    func firstOffset(of index: Int) -> Int { base.offset(of: firsts[index]) }
    func lastOffset(of index: Int) -> Int { base.offset(of: lasts[index]) }
    func isChanged(at index: Int) -> Bool { changed[index] }
}
