/// A set of hashes that may answer "present" wrongly, but never "absent": one bit each.
package struct BitFilter: Sendable {
    /// 256 KB: what a core keeps close. More bits would be fewer false answers, each of them slower.
    private static let maximumBits = 21

    private let words: FrozenArray<UInt64>
    private let shift: UInt32

    /// - Parameter hashes: 32 bits of which the upper ones count.
    package init(_ hashes: [UInt32]) {
        var bits = 10
        while bits < Self.maximumBits && 1 << bits < hashes.count * 24 { bits += 1 }
        let shift = UInt32(32 - bits)
        var words = [UInt64](repeating: 0, count: 1 << (bits - 6))
        for hash in hashes {
            let index = hash >> shift
            words[Int(index >> 6)] |= 1 << UInt64(index & 63)
        }
        self.words = FrozenArray(words)
        self.shift = shift
    }

    var byteCount: Int { words.byteCount }

    /// Ready for a loop: keep the filter alive while it is in use.
    package var reader: Reader { Reader(words: words.base, shift: shift) }

    package struct Reader {
        let words: UnsafePointer<UInt64>
        let shift: UInt32

        /// 1 for "may be present", 0 for "absent".
        @inline(__always)
        package func bit(_ hash: UInt32) -> Int {
            let index = hash &>> shift
            return Int(truncatingIfNeeded: words[Int(index &>> 6)] &>> UInt64(index & 63) & 1)
        }
    }
}

/// Hashes of the first units of a pattern.
package enum HeadHash {
    @inline(__always)
    package static func one(_ a: UInt32) -> UInt32 { a &* 0x9e37_79b1 }

    @inline(__always)
    package static func two(_ a: UInt32, _ b: UInt32) -> UInt32 { (a &* 0x9e37_79b1 &+ b) &* 0x85eb_ca6b }

    /// - Parameter two: ``two(_:_:)`` of the first two.
    @inline(__always)
    package static func three(_ two: UInt32, _ c: UInt32) -> UInt32 {
        let mixed = (two ^ c &* 0xc2b2_ae35) &* 0x27d4_eb2f
        return mixed ^ mixed &>> 15
    }
}
