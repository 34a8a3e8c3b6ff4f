package import Contracts

/// Which alerts people are told of, and which only join an earlier one. Pure.
///
/// A quarrel hits the same rule again and again. Within the cool-down after an alert, further hits of its rule in its
/// conversation join it: they are counted and shown on its page. A higher severity is told all the same, and so is an
/// alert that would reach anybody the earlier one does not reach. Times are those of the messages, so that a backlog is
/// told as it would have been in time.
package struct AlertMerging: Sendable {
    /// What a cool-down belongs to.
    package struct Thread: Sendable, Hashable {
        package var corpID: String
        package var conversationID: String
        package var ruleID: String

        package init(corpID: String, conversationID: String, ruleID: String) {
            self.corpID = corpID
            self.conversationID = conversationID
            self.ruleID = ruleID
        }

        package init(_ alert: Alert) {
            self.init(
                corpID: alert.corpID, conversationID: alert.message.conversation.id, ruleID: alert.rule.id)
        }
    }

    /// An alert that people are told of.
    package struct Head: Sendable, Equatable {
        package var alertID: String
        package var severity: Severity
        /// ``Contracts/Alert/saidAt``.
        package var saidAt: Int64
        /// Whom it reached or will reach.
        package var targets: Set<DeliveryTarget>

        package init(alertID: String, severity: Severity, saidAt: Int64, targets: Set<DeliveryTarget>) {
            self.alertID = alertID
            self.severity = severity
            self.saidAt = saidAt
            self.targets = targets
        }
    }

    private let coolDownMilliseconds: UInt64
    /// Of each thread the one that was said last.
    private var heads: [Thread: Head]

    /// - Parameters:
    ///   - coolDown: zero or less: nothing joins anything.
    ///   - heads: of the threads of all alerts to come, those that stand already.
    package init(coolDown: Duration, heads: [Thread: Head]) {
        coolDownMilliseconds = UInt64(max(coolDown / .milliseconds(1), 0))
        self.heads = heads
    }

    /// Takes the next alert of its conversation.
    /// - Returns: The id of the alert it joins; `nil` when it is told by itself.
    package mutating func take(_ alert: Alert, targets: Set<DeliveryTarget>) -> String? {
        guard !targets.isEmpty else { return nil }
        let thread = Thread(alert)
        let own = Head(
            alertID: alert.alertID, severity: alert.rule.severity, saidAt: alert.saidAt, targets: targets)
        if let head = heads[thread] {
            if isCooling(head, own) { return head.alertID }
            if own.saidAt < head.saidAt { return nil }
        }
        heads[thread] = own
        return nil
    }

    private func isCooling(_ head: Head, _ next: Head) -> Bool {
        // Whatever the numbers, their distance fits.
        let distance = UInt64(bitPattern: max(next.saidAt, head.saidAt) &- min(next.saidAt, head.saidAt))
        return coolDownMilliseconds > 0 && distance <= coolDownMilliseconds && next.severity <= head.severity
            && next.targets.isSubset(of: head.targets)
    }
}

extension Alert {
    /// Milliseconds UTC: when the message was sent, or else the time inside its id, or else when the alert was raised.
    package var saidAt: Int64 { message.sentAt ?? message.filedAt ?? raisedAt }
}
