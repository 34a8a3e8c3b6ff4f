package import Records

/// What is remembered of the record before an offset, so that a topic that was made anew is noticed although the offset
/// fits.
package struct RecordFingerprint: Sendable, Hashable {
    /// Milliseconds since 1970 UTC; `nil` when the record had no time.
    package var timestampMilliseconds: Int64?
    package var keyHash: Int64

    package init(timestampMilliseconds: Int64?, keyHash: Int64) {
        self.timestampMilliseconds = timestampMilliseconds
        self.keyHash = keyHash
    }

    package init(_ record: Record) {
        self.init(timestampMilliseconds: record.timestampMilliseconds, keyHash: Self.hash(record.key))
    }

    /// FNV-1a; stored, so it must never change. No key and an empty key differ.
    private static func hash(_ key: [UInt8]?) -> Int64 {
        guard let key else { return 0 }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in key { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int64(bitPattern: hash)
    }
}
