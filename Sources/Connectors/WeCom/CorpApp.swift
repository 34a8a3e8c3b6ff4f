import Foundation

/// A corp's own WeCom app (自建应用): gets access tokens, writes to people, changes the cards they have.
///
/// Knows no token and keeps none; never logs, for addresses hold tokens and secrets.
package struct CorpApp: Sendable {
    /// What the platform said.
    package enum Answer<Value: Sendable & Equatable>: Sendable, Equatable {
        case accepted(Value)
        /// The platform's own code; its text is not kept, for it may quote what was sent.
        case code(Int)
        /// Not an answer of the platform, which always says 200: a gateway or proxy in between.
        case http(status: Int, retryAfter: Duration?)
        case unreachable
        case noAnswer
    }

    package struct Token: Sendable, Equatable {
        package var text: String
        package var lifetime: Duration
    }

    /// What came of a message that the platform took.
    package struct Receipt: Sendable, Equatable {
        /// The person is nobody to the platform, or outside the app's visible range.
        package var isInvalid: Bool
        /// The person has no interface licence.
        package var isUnlicensed: Bool
        /// Lets the card be changed once, for 72 hours; `nil` for messages that can't be.
        package var responseCode: String?
    }

    private let http: OutboundHTTP
    private let baseURL: String

    /// - Parameter baseURL: `https://qyapi.weixin.qq.com`, or wherever a stand-in listens.
    package init(http: OutboundHTTP, baseURL: String) {
        self.http = http
        self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
    }

    /// A token for the app: the one it has, or a new one. Not to be called in a loop with a refused secret, or the
    /// platform bars the caller's address for an hour.
    package func token(corpID: String, secret: String) async -> Answer<Token> {
        struct Reply: Decodable {
            var access_token: String?
            var expires_in: Int?
        }
        let answer = await http.get(
            "\(baseURL)/cgi-bin/gettoken?corpid=\(QueryValue.escaped(corpID))&corpsecret=\(QueryValue.escaped(secret))")
        return judged(answer) { (reply: Reply) in
            guard let token = reply.access_token, !token.isEmpty else { return nil }
            return Token(text: token, lifetime: .seconds(min(max(reply.expires_in ?? 0, 0), 86_400)))
        }
    }

    /// Writes to one person. Not idempotent.
    package func send(_ message: AppMessage, to userID: String, agentID: Int, token: String) async -> Answer<Receipt> {
        struct Reply: Decodable {
            var invaliduser: String?
            var unlicenseduser: String?
            var response_code: String?
        }
        let answer = await post(
            "message/send", token: token, AppMessage.Envelope(message, userID: userID, agentID: agentID))
        func names(_ list: String?) -> Bool {
            // Ids come back in lower case.
            list?.split(separator: "|").contains { $0.lowercased() == userID.lowercased() } ?? false
        }
        return judged(answer) { (reply: Reply) in
            Receipt(
                isInvalid: names(reply.invaliduser), isUnlicensed: names(reply.unlicenseduser),
                responseCode: reply.response_code)
        }
    }

    /// Replaces the buttons of a card that one person has by a word on what became of it.
    package func replaceButtons(
        by text: String, responseCode: String, userID: String, agentID: Int, token: String
    ) async -> Answer<Bool> {
        struct Update: Encodable {
            struct Button: Encodable { var replace_name: String }
            var userids: [String]
            var agentid: Int
            var response_code: String
            var button: Button
        }
        struct Reply: Decodable {}
        let answer = await post(
            "message/update_template_card", token: token,
            Update(
                userids: [userID], agentid: agentID, response_code: responseCode,
                button: .init(replace_name: text)))
        return judged(answer) { (_: Reply) in true }
    }

    private struct Code: Decodable { var errcode: Int }

    private func post(_ call: String, token: String, _ body: some Encodable) async -> HTTPAnswer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings and numbers always encode; an empty body would be refused as a bad parameter.
        let bytes = (try? encoder.encode(body)).map(Array.init) ?? []
        return await http.post(
            "\(baseURL)/cgi-bin/\(call)?access_token=\(QueryValue.escaped(token))",
            headers: [("Content-Type", "application/json; charset=utf-8")], body: bytes)
    }

    private func judged<Reply: Decodable, Value>(
        _ answer: HTTPAnswer, _ value: (Reply) -> Value?
    ) -> Answer<Value> {
        switch answer {
        case .response(200..<300, _, let bytes):
            // The status proves nothing; without a readable code nobody knows what happened.
            guard let code = try? JSONDecoder().decode(Code.self, from: Data(bytes)).errcode else { return .noAnswer }
            guard code == 0 else { return .code(code) }
            guard let reply = try? JSONDecoder().decode(Reply.self, from: Data(bytes)), let value = value(reply)
            else { return .noAnswer }
            return .accepted(value)
        case .response(let status, let retryAfter, _): return .http(status: status, retryAfter: retryAfter)
        case .unreachable, .addressRefused: return .unreachable
        case .noAnswer: return .noAnswer
        }
    }
}
