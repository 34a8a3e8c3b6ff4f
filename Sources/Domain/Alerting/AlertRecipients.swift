package import Contracts

/// Who must hear of an alert, and through what.
package struct AlertRecipients: Sendable, Equatable {
    /// Where ``mentions`` come from.
    package enum Source: String, Sendable, Equatable {
        case leader
        /// No leader qualified: the rule's fixed recipients.
        case rule
        case nobody
    }

    /// User ids mentioned in the robot's message.
    package var mentions: [String]
    package var source: Source
    /// The department that the leader leads.
    package var departmentID: Int?

    /// The employee's leader, or else the rule's fixed recipients.
    ///
    /// The employee concerned is never told of what they said themselves.
    package init(for alert: Alert, directory: Directory?) {
        if let employee = alert.employeeID, let leading = directory?.leading(employee) {
            self.mentions = [leading.leader.id]
            self.source = .leader
            self.departmentID = leading.departmentID
            return
        }
        let offender = alert.message.sender.kind == .employee ? alert.employeeID?.lowercased() : nil
        let fixed = alert.rule.recipients.filter { $0.lowercased() != offender }
        self.mentions = fixed
        self.source = fixed.isEmpty ? .nobody : .rule
    }
}
