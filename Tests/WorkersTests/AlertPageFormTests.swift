import AlertNotifier
import Testing

struct AlertPageTokenTests {
    private static let secret = "a link secret of tests"

    @Test func aTokenIsGoodForItsAlertAndItsTimeOnly() throws {
        var generator = SystemRandomNumberGenerator()
        let tokens = ActionToken(secret: Self.secret)
        let token = tokens.make(alertID: "a1", now: 1_000, using: &generator)
        let id = try #require(tokens.actionID(of: token, alertID: "a1", now: 1_000))
        #expect(tokens.actionID(of: token, alertID: "a1", now: 1_000 + ActionToken.lifetime) == id)
        #expect(tokens.actionID(of: token, alertID: "a1", now: 1_001 + ActionToken.lifetime) == nil)
        #expect(tokens.actionID(of: token, alertID: "a2", now: 1_000) == nil)
        #expect(ActionToken(secret: "another secret of tests").actionID(of: token, alertID: "a1", now: 1_000) == nil)
        #expect(tokens.make(alertID: "a1", now: 1_000, using: &generator) != token)
        for index in token.indices {
            var changed = token
            changed.replaceSubrange(index...index, with: token[index] == "0" ? "1" : "0")
            #expect(tokens.actionID(of: changed, alertID: "a1", now: 1_000) == nil)
        }
        for bad in ["", ".", "..", "a.b.c.d", token + ".", String(token.dropLast())] {
            #expect(tokens.actionID(of: bad, alertID: "a1", now: 1_000) == nil)
        }
    }

    /// A link made for one person is worth nothing in another's name, nor without a name.
    @Test func aLinkNamesItsRecipient() throws {
        let links = AlertLink(baseURL: "https://x", secret: Self.secret)
        let url = links.url(alertID: "a1", expiry: 10, recipient: "何军 a")
        let signature = try #require(url.split(separator: "sig=").last).description
        #expect(url.contains("&to=%E4%BD%95%E5%86%9B%20a&"))
        func verdict(_ recipient: String?) -> AlertLink.Verdict {
            links.verify(alertID: "a1", expiry: "10", recipient: recipient, signature: signature, now: 5)
        }
        #expect(verdict("何军 a") == .valid && verdict("zong") == .forged && verdict(nil) == .forged)
    }
}
