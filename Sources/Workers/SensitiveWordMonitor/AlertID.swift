import Crypto

/// Names an alert by what raised it.
enum AlertID {
    /// Crockford's alphabet, lower case: nothing in it is mistaken for something else on the telephone.
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")

    /// `al_` and 26 characters: the first 130 bits of the SHA-256 of corp, msgid and rule.
    static func of(_ key: JudgedHit.Key) -> String {
        var hash = SHA256()
        for part in [key.corpID, key.messageID, key.ruleID] {
            // With its length in front, no two keys run together into the same bytes.
            hash.update(data: Array("\(part.utf8.count):\(part)".utf8))
        }
        var id = "al_"
        var bits: UInt32 = 0
        var count = 0
        for byte in hash.finalize().prefix(17) {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 5, id.utf8.count < 29 {
                count -= 5
                id.append(alphabet[Int(bits >> UInt32(count) & 31)])
            }
        }
        return id
    }
}
