import Foundation
import WeCom
import WorkerHost

/// Where the watch tells people: not through the notifier, which may be what is dead.
struct WatchTargets: Sendable {
    var robotKey: SecretReference?
    var webhook: (url: String, secret: SecretReference)?
    var weComBaseURL: String

    /// The platform's limit for a robot's markdown is 4096 bytes.
    private static let maximumLines = 20

    private struct Letter: Encodable {
        var kind = "watch"
        var text: String
        var news: [WatchNews]
    }

    /// Tells everybody. - Returns: what could not be told, as short texts without secrets; `reached` when somebody was.
    func tell(_ news: [WatchNews], http: OutboundHTTP) async -> (reached: Bool, failures: [String]) {
        var lines = news.prefix(Self.maximumLines).map(\.text)
        if news.count > Self.maximumLines { lines.append("另有 \(news.count - Self.maximumLines) 项") }
        let text = "**SCRM 告警系统自检**\n" + lines.map { "> \($0)" }.joined(separator: "\n")
        var (reached, failures) = (false, [String]())
        if let robotKey {
            if let key = robotKey.resolve() {
                let answer = await GroupRobot(http: http, baseURL: weComBaseURL).send(markdown: text, key: key)
                if answer == .accepted { reached = true } else { failures.append("robot: \(answer)") }
            } else {
                failures.append("robot: its key is not there")
            }
        }
        if let webhook {
            if let secret = webhook.secret.resolve() {
                let answer = await post(Letter(text: text, news: news), to: webhook.url, secret: secret, http: http)
                if answer { reached = true } else { failures.append("webhook: not taken in") }
            } else {
                failures.append("webhook: its secret is not there")
            }
        }
        return (reached, failures)
    }

    private func post(_ letter: Letter, to url: String, secret: String, http: OutboundHTTP) async -> Bool {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let body = try? encoder.encode(letter) else { return false }  // texts always encode
        // The operator who gives the address sits at this machine.
        let answer = await Webhook(http: http, addresses: AddressPolicy(allowsPrivate: true)).send(
            to: url, alertID: "watch-\(UUID().uuidString.lowercased())", body: Array(body), secret: secret,
            timestamp: Int64(Date().timeIntervalSince1970))
        guard case .response(let status, _, _) = answer else { return false }
        return (200..<300).contains(status)
    }
}
