/// Value of `alert.actions.v1`: somebody does something about an alert. A door: the alert page, cards, `scrm alerts` and
/// any copy of the notifier publish to it, and the lane of the alert's conversation decides.
package struct AlertAction: Codable, Sendable, Equatable {
    package static let eventType = "alert.action"

    package var corpID: String
    package var alertID: String
    package var conversationID: String
    /// Unique in the corp: the same action again changes nothing.
    package var actionID: String
    package var kind: Kind
    /// Who did it: an employee's user id, or the operator's name.
    package var actor: String
    package var origin: Origin
    /// When it was done, milliseconds UTC.
    package var at: Int64
    /// With `resolve`: what came of it.
    package var result: AlertResult?
    /// What the person wrote.
    package var note: String?

    package enum Kind: String, Codable, Sendable, Hashable, CaseIterable {
        /// 认领
        case acknowledge
        case resolve
        case reopen
        case comment
    }

    package enum Origin: String, Codable, Sendable, Hashable, CaseIterable {
        case page
        case card
        case command
    }

    package init(
        corpID: String, alertID: String, conversationID: String, actionID: String, kind: Kind, actor: String,
        origin: Origin, at: Int64, result: AlertResult? = nil, note: String? = nil
    ) {
        self.corpID = corpID
        self.alertID = alertID
        self.conversationID = conversationID
        self.actionID = actionID
        self.kind = kind
        self.actor = actor
        self.origin = origin
        self.at = at
        self.result = result
        self.note = note
    }

    enum CodingKeys: String, CodingKey {
        case corpID = "corp_id"
        case alertID = "alert_id"
        case conversationID = "conversation_id"
        case actionID = "action_id"
        case kind
        case actor
        case origin
        case at
        case result
        case note
    }
}

/// What came of an alert.
package enum AlertResult: String, Codable, Sendable, Hashable, CaseIterable {
    case genuine
    case falseAlarm = "false_alarm"
    case appeased
    case legal

    /// As managers read it.
    package var title: String {
        switch self {
        case .genuine: "属实"
        case .falseAlarm: "误报"
        case .appeased: "已安抚"
        case .legal: "转法务"
        }
    }
}
