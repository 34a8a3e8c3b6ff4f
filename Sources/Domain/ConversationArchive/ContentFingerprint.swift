import JSON

/// Tells whether two records with the same msgid say the same.
package struct ContentFingerprint: Sendable, Hashable {
    /// 32 hexadecimal digits; stable across versions.
    package let hexadecimal: String

    /// Covers every member but those a puller adds, which differ when a message is pulled again. Bytes that are no
    /// object count as they are.
    package init(of bytes: [UInt8]) {
        let added: [StaticString] = ["seq", "corp_id", "publickey_ver"]
        var hash = StableHash()
        // Anything that cannot be read is compared byte by byte.
        if let root = try? JSONParser().parseMending(bytes).root, root.kind == .object {
            for (key, value) in root.members where !added.contains(where: key.isString) {
                hash.combine(key.rawBytes)
                hash.combine(value.rawBytes)
            }
        } else {
            hash.combine(bytes)
        }
        hexadecimal = hash.hexadecimal
    }
}
