package import Contracts

/// Body of a generic webhook call. Like a push to a phone it holds no full numbers and not the whole message: the link
/// does.
package struct WebhookNotice: Codable, Sendable, Equatable {
    package var type: String
    package var alertID: String
    package var corpID: String
    package var rule: Rule
    package var employee: String
    /// Masked.
    package var customer: String
    /// Milliseconds UTC.
    package var time: Int64
    /// The same in Asia/Shanghai, for people.
    package var timeText: String
    package var excerpt: String
    package var words: [String]
    /// Hits it tells of so far: its own, and those that have joined it.
    package var hits: Int
    /// The last lines before the hit, short and without full numbers; `nil` for none.
    package var before: [SpokenLine]?
    /// The message has been withdrawn; `nil` for not.
    package var recalled: Bool?
    package var link: String
    package var mentions: [String]
    package var selfTest: Bool
    /// The words come from a forwarded record: somebody else may have said them.
    package var forwarded: Bool
    /// An earlier call with this alert id may have arrived.
    package var mayBeRepeated: Bool
    /// It tells of an alert that was left alone: counted from 1; `nil`: of the alert itself.
    package var escalation: Int?
    /// The severity is higher than the rule's, because the customer hit rules so often; `nil` for not.
    package var raised: Bool?
    /// The whole in one line of Chinese.
    package var text: String

    package struct Rule: Codable, Sendable, Equatable {
        package var id: String
        package var name: String
        package var severity: Int
        package var severityTitle: String

        enum CodingKeys: String, CodingKey {
            case id
            case name
            case severity
            case severityTitle = "severity_title"
        }
    }

    package init(alert: Alert, notice: AlertNotice) {
        type = notice.escalation == nil ? Alert.eventType : "alert.escalated"
        alertID = alert.alertID
        corpID = alert.corpID
        rule = Rule(
            id: alert.rule.id, name: alert.rule.name, severity: alert.rule.severity.rawValue,
            severityTitle: alert.rule.severity.title)
        employee = notice.employee
        customer = notice.customer
        time = notice.time
        timeText = BusinessTime.full(milliseconds: notice.time)
        excerpt = notice.excerpt.plain
        var seen: Set<String> = []
        words = alert.spans.map { Masking.digits(in: $0.pattern) }.filter { seen.insert($0).inserted }
        hits = notice.hits
        before = notice.before.isEmpty ? nil : notice.before
        recalled = notice.isRecalled ? true : nil
        link = notice.link
        mentions = notice.mentions
        selfTest = notice.isSelfTest
        forwarded = notice.isForwarded
        mayBeRepeated = notice.mayBeRepeated
        escalation = notice.escalation?.number
        raised = notice.isRaised ? true : nil
        text =
            "\(notice.marks)敏感词告警\(notice.escalationText.map { "（\($0)）" } ?? "")：\(notice.severity.title)，规则「\(notice.ruleName)」，员工 \(notice.employee)，"
            + "客户 \(notice.customer)，\(timeText)\(notice.isForwarded ? "，转发" : "")"
            + "\(notice.hits > 1 ? "，共命中 \(notice.hits) 次" : "")：\(notice.excerpt.plain)"
    }

    enum CodingKeys: String, CodingKey {
        case type
        case alertID = "alert_id"
        case corpID = "corp_id"
        case rule
        case employee
        case customer
        case time
        case timeText = "time_text"
        case excerpt
        case words
        case hits
        case before
        case recalled
        case link
        case mentions
        case selfTest = "self_test"
        case forwarded
        case mayBeRepeated = "may_be_repeated"
        case escalation
        case raised
        case text
    }
}
