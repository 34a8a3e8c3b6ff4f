/// Value of `alerts.v1`: a rule was hit and a manager must hear of it.
package struct Alert: Codable, Sendable, Equatable {
    package static let eventType = "alert.raised"

    /// Made from (corp, msgid, rule), so a repetition has the same id.
    package var alertID: String
    package var corpID: String
    package var rule: Rule
    /// The hit message, whole.
    package var message: ChatMessage
    /// Where the rule matched, in `message.text`.
    package var spans: [Span]
    /// The employee whose conversation this is: the sender, or the one the customer wrote to.
    package var employeeID: String?
    package var customerID: String?
    /// When the monitor decided, milliseconds UTC.
    package var raisedAt: Int64
    /// Asked for by `scrm alerts test`; says so to whoever receives it.
    package var selfTest: Bool
    /// Lines of the conversation before the hit, oldest first; `nil` for none. Later ones follow as ``AlertContext``.
    package var before: [ContextLine]?
    /// The hit message had been withdrawn when the alert was raised; `nil` for not.
    package var recalled: Bool?

    package struct Rule: Codable, Sendable, Equatable {
        package var id: String
        package var name: String
        package var severity: Severity
        /// Version of the rule set that decided.
        package var version: String
        /// Robots of `corps` that receive the alert.
        package var robots: [String]
        /// Webhooks of `corps` that receive the alert.
        package var webhooks: [String]
        /// Told when no leader can be found.
        package var recipients: [String]

        package init(
            id: String, name: String, severity: Severity, version: String, robots: [String] = [],
            webhooks: [String] = [], recipients: [String] = []
        ) {
            self.id = id
            self.name = name
            self.severity = severity
            self.version = version
            self.robots = robots
            self.webhooks = webhooks
            self.recipients = recipients
        }
    }

    /// A match in the original text, in Unicode scalars (as PostgreSQL's `substring` counts).
    package struct Span: Codable, Sendable, Hashable {
        package var start: Int
        package var end: Int
        /// The listed word that matched, or the name of the pattern or act.
        package var pattern: String
        /// What made the text the word, in the order applied; `nil` if it stands there as listed.
        package var transforms: [Transform]?

        package init(start: Int, end: Int, pattern: String, transforms: [Transform]? = nil) {
            self.start = start
            self.end = end
            self.pattern = pattern
            self.transforms = transforms
        }
    }

    /// A step from what was typed to the listed word.
    package enum Transform: String, Codable, Sendable, Hashable, CaseIterable {
        /// Compatibility forms: full-width, circled, mathematical letters and digits.
        case compatibility
        /// Invisible characters and combining marks were dropped.
        case invisible
        case letterCase = "letter_case"
        /// Traditional or variant characters.
        case simplified
        /// An emoji read as a word.
        case emoji
        /// Separators between the characters.
        case separators
        /// A repeated character counted once.
        case repeated
        case components
        case pinyin
        case initials
        case homophone
        case lookalike
        case numerals
    }

    package init(
        alertID: String, corpID: String, rule: Rule, message: ChatMessage, spans: [Span], employeeID: String?,
        customerID: String?, raisedAt: Int64, selfTest: Bool = false, before: [ContextLine]? = nil,
        recalled: Bool? = nil
    ) {
        self.alertID = alertID
        self.corpID = corpID
        self.rule = rule
        self.message = message
        self.spans = spans
        self.employeeID = employeeID
        self.customerID = customerID
        self.raisedAt = raisedAt
        self.selfTest = selfTest
        self.before = before
        self.recalled = recalled
    }

    enum CodingKeys: String, CodingKey {
        case alertID = "alert_id"
        case corpID = "corp_id"
        case rule
        case message
        case spans
        case employeeID = "employee_id"
        case customerID = "customer_id"
        case raisedAt = "raised_at"
        case selfTest = "self_test"
        case before
        case recalled
    }
}

/// How urgent a hit is: 1 提示, 2 一般, 3 严重, 4 紧急.
package enum Severity: Int, Codable, Sendable, Hashable, Comparable, CaseIterable {
    case notice = 1
    case normal = 2
    case serious = 3
    case urgent = 4

    /// As managers read it.
    package var title: String {
        switch self {
        case .notice: "提示"
        case .normal: "一般"
        case .serious: "严重"
        case .urgent: "紧急"
        }
    }

    package static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
}
