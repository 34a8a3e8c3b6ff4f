/// The units of all patterns in one row.
struct PatternStore: Sendable {
    private let units: FrozenArray<UInt32>
    private let starts: FrozenArray<UInt32>

    init(_ patterns: [[UInt32]]) {
        var starts: [UInt32] = [0]
        starts.reserveCapacity(patterns.count + 1)
        var units: [UInt32] = []
        units.reserveCapacity(patterns.reduce(0) { $0 + $1.count })
        for pattern in patterns {
            units += pattern
            starts.append(UInt32(units.count))
        }
        self.units = FrozenArray(units)
        self.starts = FrozenArray(starts)
    }

    var count: Int { starts.count - 1 }
    var byteCount: Int { units.byteCount + starts.byteCount }

    @inline(__always)
    func length(of pattern: Int) -> Int { Int(starts.base[pattern + 1] - starts.base[pattern]) }

    @inline(__always)
    func first(of pattern: Int) -> UnsafePointer<UInt32> { units.base + Int(starts.base[pattern]) }

    func areEqual(_ first: Int, _ second: Int) -> Bool {
        length(of: first) == length(of: second) && matches(second, at: self.first(of: first))
    }

    /// The units at `text` are those of the pattern.
    @inline(__always)
    func matches(_ pattern: Int, at text: UnsafePointer<UInt32>) -> Bool {
        let own = first(of: pattern)
        for index in 0..<length(of: pattern) where own[index] != text[index] { return false }
        return true
    }

    func headKey(of pattern: Int) -> UInt64 {
        let own = first(of: pattern)
        switch length(of: pattern) {
        case 1: return HeadTable.key(own[0], Haystack.padding, Haystack.padding)
        case 2: return HeadTable.key(own[0], own[1], Haystack.padding)
        default: return HeadTable.key(own[0], own[1], own[2])
        }
    }
}
