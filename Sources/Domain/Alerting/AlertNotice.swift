package import Contracts

/// An alert as it is told to people: resolved names, masked ids, the words around the hit, a link.
package struct AlertNotice: Sendable, Equatable {
    package var alertID: String
    package var ruleName: String
    package var severity: Severity
    /// Name of the employee, or the id when the directory does not know it.
    package var employee: String
    /// Masked.
    package var customer: String
    /// Milliseconds UTC: when the message was sent, or else when the alert was raised.
    package var time: Int64
    package var excerpt: Excerpt
    package var link: String
    /// User ids to mention.
    package var mentions: [String]
    package var isSelfTest: Bool
    /// An earlier call may have been delivered already.
    package var mayBeRepeated: Bool

    package init(
        alert: Alert, directory: Directory?, link: String, mayBeRepeated: Bool = false
    ) {
        alertID = alert.alertID
        ruleName = alert.rule.name
        severity = alert.rule.severity
        employee = alert.employeeID.map { directory?.employee($0)?.name ?? $0 } ?? "未知"
        customer = alert.customerID.map(Masking.customerID) ?? "无"
        time = alert.message.sentAt ?? alert.raisedAt
        excerpt = Excerpt(text: alert.message.text, spans: alert.spans)
        self.link = link
        mentions = AlertRecipients(for: alert, directory: directory).mentions
        isSelfTest = alert.selfTest
        self.mayBeRepeated = mayBeRepeated
    }

    /// What stands before everything else, so that nobody acts on a test or twice on one alert.
    package var marks: String {
        (isSelfTest ? "【自检】" : "") + (mayBeRepeated ? "【可能重复】" : "")
    }
}
