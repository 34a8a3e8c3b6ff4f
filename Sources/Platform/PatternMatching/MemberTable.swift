/// Patterns by a hash of all their units: for those that share their head with others.
struct MemberTable: Sendable {
    static let free: UInt32 = .max

    private let slots: FrozenArray<UInt32>
    private let mask: Int

    /// - Parameter members: Of equal patterns only the first is kept.
    init(_ members: [UInt32], of patterns: PatternStore) {
        var capacity = 16
        while capacity < members.count * 2 { capacity *= 2 }
        mask = capacity - 1
        var slots = [UInt32](repeating: Self.free, count: capacity)
        next: for member in members {
            let own = patterns.first(of: Int(member))
            var hash = Self.seed
            for index in 0..<patterns.length(of: Int(member)) { hash = Self.extend(hash, by: own[index]) }
            var slot = Int(truncatingIfNeeded: hash &>> 32) & mask
            while slots[slot] != Self.free {
                if patterns.areEqual(Int(slots[slot]), Int(member)) { continue next }
                slot = (slot + 1) & mask
            }
            slots[slot] = member
        }
        self.slots = FrozenArray(slots)
    }

    var byteCount: Int { slots.byteCount }

    static let seed: UInt64 = 0xcbf2_9ce4_8422_2325

    @inline(__always)
    static func extend(_ hash: UInt64, by unit: UInt32) -> UInt64 {
        let mixed = (hash ^ UInt64(unit)) &* 0x9e37_79b9_7f4a_7c15
        return mixed ^ mixed &>> 29
    }

    /// The pattern of `length` units at `text`, whose units hash to `hash`.
    @inline(__always)
    func pattern(_ hash: UInt64, at text: UnsafePointer<UInt32>, length: Int, of patterns: PatternStore) -> Int? {
        var slot = Int(truncatingIfNeeded: hash &>> 32) & mask
        while slots.base[slot] != Self.free {
            let pattern = Int(slots.base[slot])
            if patterns.length(of: pattern) == length && patterns.matches(pattern, at: text) { return pattern }
            slot = (slot &+ 1) & mask
        }
        return nil
    }
}
