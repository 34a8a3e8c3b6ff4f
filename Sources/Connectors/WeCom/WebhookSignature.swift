import Crypto
import Foundation

/// The signature of a webhook call: `sha256=` and the hex of HMAC-SHA256 over `timestamp + "." + body`.
package enum WebhookSignature {
    package static let alertIDHeader = "X-Alert-Id"
    package static let timestampHeader = "X-Timestamp"
    package static let signatureHeader = "X-Signature"

    /// - Parameter timestamp: Unix seconds, as sent in `X-Timestamp`.
    package static func value(secret: String, timestamp: String, body: [UInt8]) -> String {
        var hmac = HMAC<SHA256>(key: SymmetricKey(data: Array(secret.utf8)))
        hmac.update(data: Array("\(timestamp).".utf8))
        hmac.update(data: body)
        return "sha256=" + hmac.finalize().map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
