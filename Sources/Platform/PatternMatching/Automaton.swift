/// The automaton as the search reads it.
struct Automaton: Sendable {
    static let root: Int32 = 0
    static let noOutput: Int32 = -1

    /// A state and, at the same index, a slot of the double array: the child of state `s` by code `c` is the cell
    /// `cells[s].base + c`, if that cell's `parent` is `s`.
    struct Cell {
        /// Where the children are; any number when there are none, since no child will name this state as its parent.
        var base: Int32 = 0
        /// The state this one is a child of; -1 for the root and for free cells.
        var parent: Int32 = -1
        /// The longest proper suffix of this state that is a state too.
        var failure: Int32 = Automaton.root
        /// First pattern ending here, longest first; ``noOutput`` for none.
        var output: Int32 = Automaton.noOutput
    }

    struct Output {
        var pattern: Int32
        var length: Int32
        /// The next pattern that ends at the same place.
        var next: Int32
    }

    /// Long enough that `base + code` is an index for every state and every code.
    var cells: [Cell]
    var outputs: [Output]

    /// - Parameter code: Not ``Alphabet/foreign``.
    func successor(of state: Int32, by code: Int32) -> Int32 {
        var state = state
        while true {
            let next = cells[Int(state)].base + code
            if cells[Int(next)].parent == state { return next }
            if state == Self.root { return Self.root }
            state = cells[Int(state)].failure
        }
    }

    func firstOutput(of state: Int32) -> Int32 { cells[Int(state)].output }
}
