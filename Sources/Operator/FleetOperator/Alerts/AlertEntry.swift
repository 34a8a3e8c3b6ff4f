/// An alert with what became of it, as `scrm alerts list` shows it.
struct AlertEntry: Sendable, Equatable, Encodable {
    var alertID: String
    var raisedAt: String
    var corpID: String
    var ruleID: String
    var ruleName: String
    var severity: Int
    var employeeID: String?
    var customerID: String?
    var msgid: String
    var selfTest: Bool
    /// `pending` (a delivery is open), `delivered` (all are), `failed` (one is, none open), `undeliverable` (no target),
    /// `merged` (it joined ``mergedInto``).
    var state: String
    /// Where it stands, or the alert it joined: `open`, `acknowledged`, `resolved`; `nil` for a self-test.
    var handling: String?
    /// Who acknowledged or resolved it.
    var holder: String?
    /// What came of it.
    var result: String?
    /// The alert it joined: a hit of the same rule in the same conversation within the cool-down.
    var mergedInto: String?
    /// Hits: its own, and those that joined it.
    var hits: Int64
    var deliveries: [Delivery]

    struct Delivery: Sendable, Equatable, Codable {
        var channel: String
        var target: String
        var state: String
        var attempts: Int
        /// Why it failed.
        var reason: String?
        var mayBeRepeated: Bool
        /// 0: of the alert itself; else of its escalation with this number.
        var escalation: Int

        enum CodingKeys: String, CodingKey {
            case channel, target, state, attempts, reason, escalation
            case mayBeRepeated = "may_be_repeated"
        }
    }

    static func text(_ entries: [AlertEntry]) -> String {
        var table = TextTable(header: [
            "RAISED", "LEVEL", "RULE", "EMPLOYEE", "STATE", "HANDLED", "HITS", "MSGID", "DELIVERIES",
        ])
        for entry in entries {
            let deliveries = entry.deliveries.map { delivery in
                (delivery.escalation > 0 ? "escalation \(delivery.escalation) " : "")
                    + "\(delivery.channel) \(delivery.target) \(delivery.state)"
                    + (delivery.attempts > 1 ? " after \(delivery.attempts) attempts" : "")
                    + (delivery.reason.map { " (\($0))" } ?? "")
            }
            table.append([
                entry.raisedAt, String(entry.severity), entry.ruleName + (entry.selfTest ? " (self-test)" : ""),
                entry.employeeID ?? "-", entry.mergedInto.map { "merged into \($0)" } ?? entry.state,
                (entry.handling ?? "-") + (entry.holder.map { " by \($0)" } ?? "")
                    + (entry.result.map { " (\($0))" } ?? ""),
                String(entry.hits), entry.msgid, deliveries.joined(separator: ", "),
            ])
        }
        return table.text
    }
}
