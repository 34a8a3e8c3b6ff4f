import Crypto
import CryptoExtras
import Foundation

/// Opens what the platform calls back with: a signature over the ciphertext, then AES-256-CBC with padding to blocks of
/// 32 bytes, then the receiver's name.
///
/// Errors are fixed words. Neither the token nor the key, nor anything of the message, is in them.
package struct CallbackCipher: Sendable {
    package enum Refusal: String, Error, Sendable, Hashable {
        /// The EncodingAESKey is not 43 characters of base64.
        case badKey = "bad_key"
        case tooLarge = "too_large"
        case wrongSignature = "wrong_signature"
        case malformed
        /// It is meant for another corp.
        case wrongReceiver = "wrong_receiver"
    }

    /// Larger bodies are not read. The platform's own have about a kilobyte.
    package static let maximumBytes = 64 * 1024
    private static let block = 32

    private let token: String
    private let key: SymmetricKey
    private let iv: AES._CBC.IV
    private let receiver: String

    /// - Parameter receiver: the corp's id.
    package init(token: String, encodingKey: String, receiver: String) throws(Refusal) {
        guard encodingKey.utf8.count == 43, let bytes = Data(base64Encoded: encodingKey + "="), bytes.count == 32,
            let iv = try? AES._CBC.IV(ivBytes: bytes.prefix(16))  // 16 bytes are always taken
        else { throw .badKey }
        self.token = token
        self.key = SymmetricKey(data: bytes)
        self.iv = iv
        self.receiver = receiver
    }

    /// What the platform signs: SHA-1 of the four parts, sorted.
    package static func signature(token: String, timestamp: String, nonce: String, encrypted: String) -> String {
        // As bytes, not as characters: the order must be the platform's.
        let parts = [token, timestamp, nonce, encrypted].map { Array($0.utf8) }
            .sorted { $0.lexicographicallyPrecedes($1) }
        return Insecure.SHA1.hash(data: parts.flatMap(\.self)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            .joined()
    }

    /// Verifies and decrypts. Nothing is decrypted before the signature is right.
    package func open(
        encrypted: String, signature: String, timestamp: String, nonce: String
    ) throws(Refusal) -> [UInt8] {
        guard encrypted.utf8.count <= Self.maximumBytes else { throw .tooLarge }
        let expected = Self.signature(token: token, timestamp: timestamp, nonce: nonce, encrypted: encrypted)
        guard Self.isEqual(Array(expected.utf8), Array(signature.utf8)) else { throw .wrongSignature }
        guard let ciphertext = Data(base64Encoded: encrypted), !ciphertext.isEmpty,
            ciphertext.count.isMultiple(of: Self.block),
            let plain = try? AES._CBC.decrypt(ciphertext, using: key, iv: iv, noPadding: true)
        else { throw .malformed }
        return try content(of: Array(plain))
    }

    /// 16 random bytes, the length in four bytes, the content, the receiver, the padding.
    private func content(of padded: [UInt8]) throws(Refusal) -> [UInt8] {
        guard let padding = padded.last.map(Int.init), (1...Self.block).contains(padding), padding <= padded.count,
            padded.suffix(padding).allSatisfy({ Int($0) == padding })
        else { throw .malformed }
        let bytes = padded.dropLast(padding)
        guard bytes.count >= 20 else { throw .malformed }
        let length = bytes[16..<20].reduce(0) { $0 << 8 | Int($1) }
        guard length <= bytes.count - 20 else { throw .malformed }
        guard Array(bytes[(20 + length)...]) == Array(receiver.utf8) else { throw .wrongReceiver }
        return Array(bytes[20..<(20 + length)])
    }

    /// In a time that depends on the lengths only.
    private static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
