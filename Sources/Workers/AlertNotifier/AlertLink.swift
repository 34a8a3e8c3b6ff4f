import Foundation

/// Links to the page of an alert: signed, and valid for some days.
package struct AlertLink: Sendable {
    package enum Verdict: Sendable, Equatable {
        case valid
        case expired
        case forged
    }

    private let baseURL: String
    private let signer: Signer

    package init(baseURL: String, secret: String) {
        self.baseURL = baseURL
        signer = Signer(secret: secret)
    }

    /// - Parameters:
    ///   - expiry: Unix seconds.
    ///   - recipient: user id of the only person who gets the link, in whose name it may be used; `nil` for a link that
    ///     several people see.
    package func url(alertID: String, expiry: Int64, recipient: String? = nil) -> String {
        let code = signer.code(for: Self.signed(alertID, String(expiry), recipient))
        let to = recipient.map { "&to=\(Self.escaped($0))" } ?? ""
        return "\(baseURL)/alerts/\(Self.escaped(alertID))?exp=\(expiry)\(to)&sig=\(code)"
    }

    /// To the page of a message that told of several alerts.
    package func url(summaryID: String, expiry: Int64) -> String {
        let code = signer.code(for: Self.signed(Self.summaryName(summaryID), String(expiry), nil))
        return "\(baseURL)/summaries/\(Self.escaped(summaryID))?exp=\(expiry)&sig=\(code)"
    }

    package func verify(summaryID: String, expiry: String?, signature: String?, now: Int64) -> Verdict {
        verify(alertID: Self.summaryName(summaryID), expiry: expiry, signature: signature, now: now)
    }

    /// No alert's id begins with a line feed, so that a signature for one is none for the other.
    private static func summaryName(_ id: String) -> String { "\nsummary\n\(id)" }

    /// Judges what came in. Compares in constant time; the expiry counts only when the signature is right.
    package func verify(
        alertID: String, expiry: String?, recipient: String? = nil, signature: String?, now: Int64
    ) -> Verdict {
        guard let expiry, let signature, signer.isValid(signature, for: Self.signed(alertID, expiry, recipient)),
            let moment = Int64(expiry)
        else { return .forged }
        return now <= moment ? .valid : .expired
    }

    /// A line feed cannot be part of an expiry, nor of a stored alert's id, so the parts cannot run into each other.
    private static func signed(_ alertID: String, _ expiry: String, _ recipient: String?) -> String {
        "\(expiry)\n\(alertID)" + (recipient.map { "\n\($0)" } ?? "")
    }

    private static func escaped(_ id: String) -> String {
        let allowed = CharacterSet(charactersIn: "a"..."z").union(CharacterSet(charactersIn: "A"..."Z"))
            .union(CharacterSet(charactersIn: "0123456789-_.~"))
        return id.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }
}
