import Foundation

/// The WeCom group robot (群机器人): posts markdown into a group chat.
package struct GroupRobot: Sendable {
    /// What the robot said.
    package enum Answer: Sendable, Equatable {
        case accepted
        /// The platform's own code; its text is not kept, for it may quote what was sent.
        case code(Int)
        /// Not an answer of the platform, which always says 200: a gateway or proxy in between.
        case http(status: Int, retryAfter: Duration?)
        case unreachable
        case noAnswer
    }

    private let http: OutboundHTTP
    private let baseURL: String

    /// - Parameter baseURL: `https://qyapi.weixin.qq.com`, or wherever a stand-in listens.
    package init(http: OutboundHTTP, baseURL: String) {
        self.http = http
        self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
    }

    /// Posts one message. Not idempotent: the platform knows no key for repetitions.
    ///
    /// - Parameter key: the robot's secret; appears in no log and no error.
    package func send(markdown content: String, key: String) async -> Answer {
        let body: Data
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            body = try encoder.encode(Message(markdown: .init(content: content)))
        } catch {
            return .code(40035)  // a String always encodes; if it ever does not, it is a bad parameter
        }
        let answer = await http.post(
            "\(baseURL)/cgi-bin/webhook/send?key=\(QueryValue.escaped(key))",
            headers: [("Content-Type", "application/json; charset=utf-8")], body: Array(body))
        switch answer {
        case .response(200..<300, _, let bytes):
            // The status proves nothing; without a readable code nobody knows whether it was posted.
            guard let code = Self.code(in: bytes) else { return .noAnswer }
            return code == 0 ? .accepted : .code(code)
        case .response(let status, let retryAfter, _): return .http(status: status, retryAfter: retryAfter)
        case .unreachable: return .unreachable
        case .noAnswer: return .noAnswer
        case .addressRefused: return .unreachable
        }
    }

    private struct Message: Encodable {
        struct Markdown: Encodable { var content: String }
        var msgtype = "markdown"
        var markdown: Markdown
    }

    private struct Reply: Decodable { var errcode: Int }

    private static func code(in body: [UInt8]) -> Int? {
        // Anything else than the platform's JSON is answered by nil, which callers treat as an unknown outcome.
        try? JSONDecoder().decode(Reply.self, from: Data(body)).errcode
    }
}
