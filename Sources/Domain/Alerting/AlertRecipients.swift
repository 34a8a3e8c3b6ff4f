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

/// A target named by a rule, and whether the corps configuration knows it.
package struct PlannedDelivery: Sendable, Hashable {
    package var target: DeliveryTarget
    package var isKnown: Bool

    package init(target: DeliveryTarget, isKnown: Bool) {
        self.target = target
        self.isKnown = isKnown
    }

    /// One delivery for each robot and webhook of the rule, each target once.
    package static func plan(for alert: Alert, corp: CorpsConfiguration.Corp?) -> [PlannedDelivery] {
        let robots = Set(corp?.robots.map(\.id) ?? [])
        let webhooks = Set(corp?.webhooks.map(\.id) ?? [])
        var seen: Set<DeliveryTarget> = []
        let named =
            alert.rule.robots.map { (Channel.robot, $0, robots.contains($0)) }
            + alert.rule.webhooks.map { (Channel.webhook, $0, webhooks.contains($0)) }
        return named.compactMap { channel, id, isKnown in
            let target = DeliveryTarget(corpID: alert.corpID, channel: channel, id: id)
            return seen.insert(target).inserted ? PlannedDelivery(target: target, isKnown: isKnown) : nil
        }
    }
}
