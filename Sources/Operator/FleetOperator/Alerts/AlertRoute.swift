import Alerting
package import Contracts
import SensitiveWords

/// Who would be told of one hit of a message, and why. Pure.
package struct AlertRoute: Sendable, Equatable, Encodable {
    package struct Target: Sendable, Equatable, Encodable {
        package var channel: String
        package var id: String
        /// The corp's configuration has it; otherwise the alert waits for that.
        package var known: Bool
        package var reasons: [String]
        /// ISO 8601: people are left in peace until then.
        package var heldUntil: String?
    }

    package var ruleID: String
    package var ruleName: String
    package var severity: Int
    package var severityTitle: String
    /// The words and patterns that hit.
    package var words: [String]
    package var employeeID: String?
    package var customerID: String?
    package var targets: [Target]
    /// Not told, because it is about what they said themselves.
    package var leftOut: [String]
    /// Mentioned in the robots' messages.
    package var mentions: [String]
    /// `leader`, `rule` (its fixed recipients, for want of a leader) or `nobody`.
    package var mentionedAs: String
    /// The department whose leader is mentioned.
    package var department: Int?

    /// One for each rule that the message breaks, in the order of the rules.
    ///
    /// - Parameters:
    ///   - directory: the corp's; without one no leader is known.
    ///   - corp: its robots, webhooks, app and routes.
    ///   - now: milliseconds UTC; whether it is night.
    package static func all(
        of message: ChatMessage, rules: RulesConfiguration, version: String, directory: DirectoryConfiguration?,
        corp: CorpsConfiguration.Corp?, now: Int64
    ) throws -> [AlertRoute] {
        var judge = Judge(
            rules: try RuleSet(rules, version: version), departments: directory.map { Departments($0) })
        let people = directory.map { Directory($0) }
        return judge.hits(in: message).map { hit in
            let alert = Alert(
                alertID: "", corpID: message.corpID, rule: hit.rule, message: message, spans: hit.spans,
                employeeID: hit.employeeID, customerID: hit.customerID, raisedAt: 0)
            return AlertRoute(alert, directory: people, corp: corp, now: now)
        }
    }

    private init(_ alert: Alert, directory: Directory?, corp: CorpsConfiguration.Corp?, now: Int64) {
        let routing = AlertRouting(for: alert, corp: corp, directory: directory, now: now)
        let recipients = AlertRecipients(for: alert, directory: directory)
        var seen: Set<String> = []
        ruleID = alert.rule.id
        ruleName = alert.rule.name
        severity = alert.rule.severity.rawValue
        severityTitle = alert.rule.severity.title
        words = alert.spans.map(\.pattern).filter { seen.insert($0).inserted }
        employeeID = alert.employeeID
        customerID = alert.customerID
        targets = routing.deliveries.map { delivery in
            Target(
                channel: delivery.target.channel.rawValue, id: delivery.target.id, known: delivery.isKnown,
                reasons: delivery.reasons.map(Self.text), heldUntil: delivery.heldUntil.map { Instant.text($0) })
        }
        leftOut = routing.concerned
        mentions = recipients.mentions
        mentionedAs = recipients.source.rawValue
        department = recipients.source == .leader ? recipients.departmentID : nil
    }

    private static func text(_ reason: PlannedDelivery.Reason) -> String {
        switch reason {
        case .rule: "the rule names it"
        case .route(let number): "route \(number) of the corp"
        case .leader(let department): "leads department \(department)"
        case .insteadOfLeader: "the rule's recipient, because no leader was found"
        }
    }

    /// For people.
    package var text: String {
        let unknown = "not in the corp's configuration, waits for it"
        let places = targets.map { target in
            "\(target.channel) \(target.id) (\(target.reasons.joined(separator: "; ")))"
                + (target.known ? "" : " (\(unknown))") + (target.heldUntil.map { ", not before \($0)" } ?? "")
        }
        let left = leftOut.isEmpty ? "" : "\n  not told: \(leftOut.joined(separator: ", ")), who said it"
        let why =
            switch mentionedAs {
            case AlertRecipients.Source.leader.rawValue: "leads department \(department.map(String.init) ?? "-")"
            case AlertRecipients.Source.rule.rawValue: "the rule's recipients, because no leader was found"
            default: "no leader was found, and the rule names no recipients"
            }
        return """
            \(severityTitle) \(ruleID) \(ruleName): \(words.map { "「\($0)」" }.joined())
              employee \(employeeID ?? "-"), customer \(customerID ?? "-")
              told: \(places.isEmpty ? "nobody; the rule names neither robot nor webhook" : places.joined(separator: ", "))\(left)
              mentioned: \(mentions.isEmpty ? "nobody" : mentions.joined(separator: ", ")); \(why)
            """
    }
}
