/// For each head, the first one, two or three units of patterns, the patterns that begin with it.
///
/// Patterns of one and two units are their own heads; longer ones stand under their first three. Open addressing with
/// linear probing, 16 bytes an entry, at most half full.
struct HeadTable: Sendable {
    struct Entry: BitwiseCopyable {
        /// Units packed by ``key(_:_:_:)``; 0 for a free slot.
        var key: UInt64
        /// The only pattern with this head, or, with ``manyFlag``, an index into the families.
        var value: UInt32
        /// Units of that pattern.
        var length: UInt32
    }

    /// Several patterns of three or more units with the same head.
    struct Family: BitwiseCopyable {
        /// Bit n − 1 is set if one of them has n units.
        var lengths: UInt64
    }

    static let manyFlag: UInt32 = 1 << 31

    let entries: FrozenArray<Entry>
    let families: FrozenArray<Family>
    private let mask: Int

    init(_ patterns: PatternStore, members: inout [UInt32]) {
        var slots: [UInt64: Entry] = [:]
        slots.reserveCapacity(patterns.count)
        var families: [Family] = []
        for pattern in 0..<patterns.count {
            let length = patterns.length(of: pattern)
            guard length > 0 else { continue }
            let key = patterns.headKey(of: pattern)
            let bit = UInt64(1) << UInt64(length - 1)
            guard let known = slots[key] else {
                slots[key] = Entry(key: key, value: UInt32(pattern), length: UInt32(length))
                continue
            }
            if known.value & Self.manyFlag == 0 {
                let first = Int(known.value)
                guard length != Int(known.length) || !patterns.areEqual(first, pattern) else { continue }
                members += [known.value, UInt32(pattern)]
                slots[key] = Entry(key: key, value: UInt32(families.count) | Self.manyFlag, length: 0)
                families.append(Family(lengths: UInt64(1) << UInt64(known.length - 1) | bit))
            } else {
                members.append(UInt32(pattern))
                families[Int(known.value & ~Self.manyFlag)].lengths |= bit
            }
        }
        var capacity = 16
        while capacity < slots.count * 2 { capacity *= 2 }
        mask = capacity - 1
        var entries = [Entry](repeating: Entry(key: 0, value: 0, length: 0), count: capacity)
        for entry in slots.values {
            var slot = Self.slot(of: entry.key, mask: mask)
            while entries[slot].key != 0 { slot = (slot + 1) & mask }
            entries[slot] = entry
        }
        self.entries = FrozenArray(entries)
        self.families = FrozenArray(families)
    }

    var byteCount: Int { entries.byteCount + families.byteCount }

    @inline(__always)
    func entry(_ key: UInt64) -> UnsafePointer<Entry>? {
        let base = entries.base
        var slot = Self.slot(of: key, mask: mask)
        while true {
            let found = base + slot
            if found.pointee.key == key { return found }
            if found.pointee.key == 0 { return nil }
            slot = (slot &+ 1) & mask
        }
    }

    /// 21 bits each, plus one so that no head is 0.
    @inline(__always)
    static func key(_ a: UInt32, _ b: UInt32, _ c: UInt32) -> UInt64 {
        (UInt64(a) &+ 1) &<< 42 | UInt64(b) &<< 21 | UInt64(c)
    }

    @inline(__always)
    private static func slot(of key: UInt64, mask: Int) -> Int {
        let mixed = key &* 0x9e37_79b9_7f4a_7c15
        return Int(truncatingIfNeeded: mixed &>> 32) & mask
    }
}
