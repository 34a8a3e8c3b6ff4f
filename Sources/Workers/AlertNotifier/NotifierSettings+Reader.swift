import Alerting
package import WorkerHost

extension NotifierSettings {
    package static let pageAddress = Setting(
        "alert-page.address", environment: "ALERT_PAGE_ADDRESS", flag: "--alert-page-address",
        help: "host:port of the alert page. Default: none; this copy serves no page.")
    package static let linkBaseURL = Setting(
        "alert-link.base-url", environment: "ALERT_LINK_BASE_URL", flag: "--alert-link-base-url",
        help: "What stands before /alerts/… in links, as https://scrm.example.com. Required.")
    package static let linkSecret = Setting(
        "alert-link.secret", environment: "ALERT_LINK_SECRET",
        help: "Signs the links to alert pages; the same on every copy, at least 16 characters. Required.",
        isSecret: true)
    package static let linkDays = Setting(
        "alert-link.days", environment: "ALERT_LINK_DAYS", help: "Days a link works, 1 to 365. Default: 7.")
    package static let weComBaseURL = Setting(
        "wecom.base-url", environment: "WECOM_BASE_URL", flag: "--wecom-base-url",
        help: "Where the WeCom API is. Default: https://qyapi.weixin.qq.com.")
    package static let webhookAllowPrivate = Setting(
        "webhook.allow-private", environment: "WEBHOOK_ALLOW_PRIVATE", flag: "--webhook-allow-private",
        help: "true: webhooks may have loopback and private addresses. Default: false.")
    package static let coolDown = Setting(
        "alert.cool-down", environment: "ALERT_COOL_DOWN_MINUTES", flag: "--cool-down",
        help:
            "Minutes after an alert in which further hits of its rule in its conversation join it instead of being told; 0 to 1440. Default: 10."
    )

    package static let frequentHits = Setting(
        "alert.frequent-hits", environment: "ALERT_FREQUENT_HITS", flag: "--frequent-hits",
        help:
            "Hits of customer-side rules by one customer within 24 hours from which on alerts are raised to 4 (紧急); 0 to 1000, 0: never. Default: 3."
    )
    package static let acknowledgeWithin = Setting(
        "alert.acknowledge-within", environment: "ALERT_ACKNOWLEDGE_WITHIN_MINUTES", flag: "--acknowledge-within",
        help:
            "Minutes in which an alert must be acknowledged before the next leader hears of it: for 2 (一般, working time), 3 (严重) and 4 (紧急), or off. Default: 240,30,10."
    )
    package static let resolveWithin = Setting(
        "alert.resolve-within", environment: "ALERT_RESOLVE_WITHIN_MINUTES", flag: "--resolve-within",
        help:
            "The same from then on, until it must be resolved. Default: 1080,240,60."
    )

    /// Every setting of the notifier beside the ones of every worker.
    package static let all = [
        pageAddress, linkBaseURL, linkSecret, linkDays, weComBaseURL, webhookAllowPrivate, coolDown, frequentHits,
        acknowledgeWithin, resolveWithin,
    ]

    /// Reads and checks; faults are collected in `reader`.
    package init(_ reader: inout SettingsReader) {
        let secret = reader.required(Self.linkSecret)
        if !secret.isEmpty, secret.utf8.count < 16 {
            reader.report(Self.linkSecret, "must have at least 16 characters")
        }
        let base = reader.required(Self.linkBaseURL)
        if !base.isEmpty, !Self.isWebAddress(base) {
            reader.report(Self.linkBaseURL, "must be an http:// or https:// address")
        }
        let days = reader.integer(Self.linkDays, in: 1...365, default: 7)
        let weCom = reader.value(Self.weComBaseURL, default: "https://qyapi.weixin.qq.com") {
            (text) throws(InvalidSetting) in
            guard Self.isWebAddress(text) else { throw InvalidSetting("must be an http:// or https:// address") }
            return text
        }
        self.init(
            weComBaseURL: weCom, linkBaseURL: base, linkSecret: secret, linkLifetime: .seconds(days * 86_400),
            allowsPrivateWebhooks: reader.bool(Self.webhookAllowPrivate, default: false),
            coolDown: .seconds(60 * reader.integer(Self.coolDown, in: 0...1_440, default: 10)),
            frequentHits: reader.integer(Self.frequentHits, in: 0...1_000, default: 3),
            escalation: EscalationPolicy(
                minutesToAcknowledge: reader.value(Self.acknowledgeWithin, default: [240, 30, 10], Self.minutes),
                minutesToResolve: reader.value(Self.resolveWithin, default: [1_080, 240, 60], Self.minutes)))
    }

    /// One for each severity that escalates; none for `off`.
    private static func minutes(_ text: String) throws(InvalidSetting) -> [Int] {
        if text == "off" { return [] }
        let minutes = text.split(separator: ",").compactMap { Int($0.drop { $0 == " " }) }
        guard minutes.count == 3, minutes.allSatisfy((1...100_000).contains) else {
            throw InvalidSetting("must be off or three numbers of minutes from 1 to 100000, as 240,30,10")
        }
        return minutes
    }

    private static func isWebAddress(_ text: String) -> Bool {
        text.utf8.count <= 300 && (text.hasPrefix("https://") || text.hasPrefix("http://"))
            && text.allSatisfy { $0.isASCII && !$0.isWhitespace && !"()<>\"".contains($0) }
    }

    /// Where this copy serves the alert page; `nil`: it does not.
    package static func page(_ reader: inout SettingsReader) -> (host: String, port: Int)? {
        reader.value(pageAddress, default: nil) { (text) throws(InvalidSetting) in
            guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
                (0...65_535).contains(port)
            else { throw InvalidSetting("must be host:port, as 0.0.0.0:8080") }
            let host = text[..<colon].trimmingPrefix("[")
            let name = host.hasSuffix("]") ? host.dropLast() : host
            return (name.isEmpty ? "0.0.0.0" : String(name), port)
        }
    }
}
