/// Decodes UTF-8 that is known to be valid, as a `String`'s always is.
struct UTF8Reader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var remaining: Int { bytes.count - position }

    @inline(__always)
    mutating func next() -> UInt32? {
        guard position < bytes.count else { return nil }
        let at = bytes.baseAddress.unsafelyUnwrapped + position
        let first = UInt32(at[0])
        if first < 0x80 {
            position &+= 1
            return first
        }
        if first >= 0xe0 && first < 0xf0 {
            position &+= 3
            return (first & 0x0f) &<< 12 | Self.rest(at[1]) &<< 6 | Self.rest(at[2])
        }
        if first < 0xe0 {
            position &+= 2
            return (first & 0x1f) &<< 6 | Self.rest(at[1])
        }
        position &+= 4
        return (first & 0x07) &<< 18 | Self.rest(at[1]) &<< 12 | Self.rest(at[2]) &<< 6 | Self.rest(at[3])
    }

    @inline(__always)
    private static func rest(_ byte: UInt8) -> UInt32 { UInt32(byte & 0x3f) }
}
