import PatternMatching

/// A way to read a text: folded units, and where they come from. Valid until its owner reads the next text.
struct Reading {
    /// What stood before a unit, beside the number of separators.
    enum GapFlags {
        static let count: UInt8 = 0x1f
        /// A mark that ends a clause was among them.
        static let clause: UInt8 = 0x20
        /// The unit is not what plain folding gives.
        static let changed: UInt8 = 0x40
        /// Nothing but `_`: the two sides are parts of one name.
        static let joined: UInt8 = 0x80
    }

    let haystack: Haystack
    let units: UnsafePointer<UInt32>
    let count: Int
    let gaps: UnsafePointer<UInt8>
    let firsts: UnsafePointer<Int32>
    let lasts: UnsafePointer<Int32>

    /// Separators between the unit at `index` and the one before it; the most that stand between parts of the unit
    /// itself if those are more.
    @inline(__always)
    func gap(before index: Int) -> Int { Int(gaps[index] & GapFlags.count) }

    /// The unit at `index` continues the token of the one before it, if both are letters or digits.
    @inline(__always)
    func isJoined(at index: Int) -> Bool { gap(before: index) == 0 || gaps[index] & GapFlags.joined != 0 }

    /// A clause ends before the unit at `index`.
    func endsClause(before index: Int) -> Bool { gaps[index] & GapFlags.clause != 0 }

    @inline(__always)
    func isChanged(at index: Int) -> Bool { gaps[index] & GapFlags.changed != 0 }

    /// Indices in the original of the first and last scalar that became this unit.
    @inline(__always)
    func firstOffset(of index: Int) -> Int { Int(firsts[index]) }

    @inline(__always)
    func lastOffset(of index: Int) -> Int { Int(lasts[index]) }

    /// Some unit of the range is not what plain folding gives.
    func isChanged(in range: Range<Int>) -> Bool {
        var flags: UInt8 = 0
        for index in range { flags |= gaps[index] }
        return flags & GapFlags.changed != 0
    }
}
