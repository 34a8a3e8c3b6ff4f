/// FNV-1a with 128 bits: the same in every process, version and language. For names, not against forgery.
struct StableHash {
    private static let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013b

    private var state: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

    /// Adds the bytes and a zero byte after them, so that the borders between parts count.
    mutating func combine(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { state = (state ^ UInt128(byte)) &* Self.prime }
        state = state &* Self.prime
    }

    /// 32 digits.
    var hexadecimal: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 32 - digits.utf8.count) + digits
    }
}
