import Crypto

/// The version of a configuration value: the first 16 hexadecimal digits of its SHA-256.
package enum SnapshotVersion {
    package static func of(_ value: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(SHA256.hash(data: value).prefix(8).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
