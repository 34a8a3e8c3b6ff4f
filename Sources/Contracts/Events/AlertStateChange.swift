/// Value of `alert.states.v1`: an alert's state changed.
package struct AlertStateChange: Codable, Sendable, Equatable {
    package static let eventType = "alert.state"

    package var corpID: String
    package var alertID: String
    package var conversationID: String
    package var customerID: String?
    package var employeeID: String?
    package var ruleID: String
    package var severity: Severity
    package var state: AlertState
    /// 1 when the alert is opened; one more with each change.
    package var revision: Int
    /// Who changed it; `nil` when it was opened.
    package var actor: String?
    package var result: AlertResult?
    /// When it changed, milliseconds UTC.
    package var at: Int64

    package init(
        corpID: String, alertID: String, conversationID: String, customerID: String?, employeeID: String?,
        ruleID: String, severity: Severity, state: AlertState, revision: Int, actor: String? = nil,
        result: AlertResult? = nil, at: Int64
    ) {
        self.corpID = corpID
        self.alertID = alertID
        self.conversationID = conversationID
        self.customerID = customerID
        self.employeeID = employeeID
        self.ruleID = ruleID
        self.severity = severity
        self.state = state
        self.revision = revision
        self.actor = actor
        self.result = result
        self.at = at
    }

    enum CodingKeys: String, CodingKey {
        case corpID = "corp_id"
        case alertID = "alert_id"
        case conversationID = "conversation_id"
        case customerID = "customer_id"
        case employeeID = "employee_id"
        case ruleID = "rule_id"
        case severity
        case state
        case revision
        case actor
        case result
        case at
    }
}

/// Where an alert stands: 待处理, 已认领, 已处理.
package enum AlertState: String, Codable, Sendable, Hashable, CaseIterable {
    case open
    case acknowledged
    case resolved

    /// As managers read it.
    package var title: String {
        switch self {
        case .open: "待处理"
        case .acknowledged: "已认领"
        case .resolved: "已处理"
        }
    }
}
