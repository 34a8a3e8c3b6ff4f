import Contracts
import Foundation
import TagScoring

/// The shipped rules, and short ways to write events. Times are Shanghai's.
enum TagScene {
    static let minute: Int64 = 60_000
    static let day: Int64 = 86_400_000

    static func rules() throws -> TagRulesConfiguration {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try JSONDecoder().decode(
            TagRulesConfiguration.self,
            from: Data(contentsOf: tests.appending(path: "Fixtures/config.tag-rules.v1.json")))
    }

    /// `2026-03-31 23:59:59.999`.
    static func at(_ text: String) throws -> Int64 {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 8 * 3600)
        format.dateFormat = text.contains(".") ? "yyyy-MM-dd HH:mm:ss.SSS" : "yyyy-MM-dd HH:mm:ss"
        guard let date = format.date(from: text) else { throw CocoaError(.formatting) }
        return Int64((date.timeIntervalSince1970 * 1000).rounded())
    }

    static func event(
        _ type: String, _ id: String, _ time: Int64, order: String? = nil, amount: Int64? = nil,
        side: Party.Kind? = nil, alert: String? = nil, rule: String? = nil, sku: String? = nil
    ) -> CountedEvent {
        CountedEvent(
            type: type, source: "shop", eventID: id, occurredAt: time, side: side, orderID: order, amount: amount,
            sku: sku, alertID: alert, ruleID: rule)
    }

    static func set(_ rules: TagRulesConfiguration) throws -> TagRuleSet { try TagRuleSet(rules, version: "v") }

    /// Ids of the tags at a moment.
    static func tags(_ events: [CountedEvent], _ now: Int64) throws -> [String] {
        let set = try set(rules())
        return set.holding(in: CustomerHistory(events), at: now).map { set.rules[$0].id }.sorted()
    }
}
