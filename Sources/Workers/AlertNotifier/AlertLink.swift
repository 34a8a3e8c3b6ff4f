import Crypto
import Foundation

/// Links to the page of an alert: signed, and valid for some days.
package struct AlertLink: Sendable {
    package enum Verdict: Sendable, Equatable {
        case valid
        case expired
        case forged
    }

    private let baseURL: String
    private let key: SymmetricKey

    package init(baseURL: String, secret: String) {
        self.baseURL = baseURL
        key = SymmetricKey(data: Array(secret.utf8))
    }

    /// - Parameter expiry: Unix seconds.
    package func url(alertID: String, expiry: Int64) -> String {
        "\(baseURL)/alerts/\(Self.escaped(alertID))?exp=\(expiry)&sig=\(Self.hex(signature(alertID, String(expiry))))"
    }

    /// To the page of a message that told of several alerts.
    package func url(summaryID: String, expiry: Int64) -> String {
        let code = signature(Self.summaryName(summaryID), String(expiry))
        return "\(baseURL)/summaries/\(Self.escaped(summaryID))?exp=\(expiry)&sig=\(Self.hex(code))"
    }

    package func verify(summaryID: String, expiry: String?, signature: String?, now: Int64) -> Verdict {
        verify(alertID: Self.summaryName(summaryID), expiry: expiry, signature: signature, now: now)
    }

    /// No alert's id has a line feed, so that a signature for one is none for the other.
    private static func summaryName(_ id: String) -> String { "summary\n\(id)" }

    /// Judges what came in. Compares in constant time; the expiry counts only when the signature is right.
    package func verify(alertID: String, expiry: String?, signature: String?, now: Int64) -> Verdict {
        guard let expiry, let signature, let code = Self.bytes(hex: signature),
            HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Self.signed(alertID, expiry), using: key),
            let moment = Int64(expiry)
        else { return .forged }
        return now <= moment ? .valid : .expired
    }

    private func signature(_ alertID: String, _ expiry: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Self.signed(alertID, expiry), using: key))
    }

    /// A line feed cannot be part of an expiry, so the two cannot run into each other.
    private static func signed(_ alertID: String, _ expiry: String) -> [UInt8] { Array("\(expiry)\n\(alertID)".utf8) }

    private static func escaped(_ id: String) -> String {
        let allowed = CharacterSet(charactersIn: "a"..."z").union(CharacterSet(charactersIn: "A"..."Z"))
            .union(CharacterSet(charactersIn: "0123456789-_.~"))
        return id.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func bytes(hex: String) -> [UInt8]? {
        let digits = hex.compactMap(\.hexDigitValue)
        guard digits.count == hex.count, digits.count == 64 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }
}
