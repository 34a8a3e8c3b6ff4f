/// Lets the holder of a page do one thing to its alert, once: the token's number becomes the action's id, and a second
/// action with that id changes nothing. Nobody without the page can have one, so no other site can make a visitor act.
package struct ActionToken: Sendable {
    /// How long a page may stay open before it must be loaded again.
    package static let lifetime: Int64 = 86_400

    private let signer: Signer

    package init(secret: String) { signer = Signer(secret: secret) }

    /// - Parameter now: Unix seconds.
    package func make(
        alertID: String, now: Int64, using generator: inout some RandomNumberGenerator
    ) -> String {
        let number = (0..<2).map { _ in
            let digits = String(UInt64.random(in: .min ... .max, using: &generator), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
        let expiry = String(now + Self.lifetime)
        return "\(number).\(expiry).\(signer.code(for: Self.signed(alertID, number, expiry)))"
    }

    /// - Returns: the id of the action; `nil` for a token that we did not make for this alert, or that is too old.
    package func actionID(of token: String, alertID: String, now: Int64) -> String? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, signer.isValid(parts[2], for: Self.signed(alertID, parts[0], parts[1])),
            let expiry = Int64(parts[1]), now <= expiry
        else { return nil }
        return "page-\(parts[0])"
    }

    /// Begins like no link does, so neither can stand for the other.
    private static func signed(_ alertID: String, _ number: String, _ expiry: String) -> String {
        "action\n\(number)\n\(expiry)\n\(alertID)"
    }
}
