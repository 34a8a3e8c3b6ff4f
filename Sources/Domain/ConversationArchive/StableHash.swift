/// FNV-1a with 128 bits: the same in every process, version and language. For names, not against forgery.
enum StableHash {
    private static let offsetBasis: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
    private static let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013b

    /// 32 digits. Each text is ended by a zero byte, so that the borders between texts count.
    static func hexadecimal(of texts: [String]) -> String {
        var hash = offsetBasis
        for text in texts {
            for byte in text.utf8 { hash = (hash ^ UInt128(byte)) &* prime }
            hash = hash &* prime
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 32 - digits.utf8.count) + digits
    }
}
