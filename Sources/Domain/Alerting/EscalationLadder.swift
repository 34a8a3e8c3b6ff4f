package import Contracts

/// Who hears of an alert that is left alone, one step after the other. Pure.
///
/// The leaders above the one who was told at once, one department up at a time, then the rule's fixed recipients. Where
/// nobody stands above, those who were told at once are told again.
package struct EscalationLadder: Sendable, Equatable {
    /// User ids, not empty; a step without anybody still reaches the robots and webhooks.
    package let steps: [[String]]

    package init(for alert: Alert, directory: Directory?) {
        let told = AlertRecipients(for: alert, directory: directory)
        let offender = alert.message.sender.kind == .employee ? alert.employeeID?.lowercased() : nil
        var known = Set(told.mentions.map { $0.lowercased() })
        var steps: [[String]] = []
        for leader in alert.employeeID.flatMap({ directory?.leaders(above: $0) }) ?? []
        where known.insert(leader.lowercased()).inserted {
            steps.append([leader])
        }
        let fixed = alert.rule.recipients.filter {
            $0.lowercased() != offender && known.insert($0.lowercased()).inserted
        }
        if !fixed.isEmpty { steps.append(fixed) }
        self.steps = steps.isEmpty ? [told.mentions] : steps
    }

    /// - Parameter step: from 1 on.
    /// - Returns: `nil` beyond the last step.
    package func recipients(ofStep step: Int) -> [String]? {
        steps.indices.contains(step - 1) ? steps[step - 1] : nil
    }
}

/// What a delivery says of the step that it tells of.
package struct EscalationNotice: Sendable, Equatable {
    /// Counts the alert's escalations from 1.
    package var number: Int
    /// Who has acknowledged the alert and not resolved it; `nil`: nobody has acknowledged it.
    package var holder: String?
    /// User ids of those who are told now.
    package var recipients: [String]

    package init(number: Int, holder: String? = nil, recipients: [String]) {
        self.number = number
        self.holder = holder
        self.recipients = recipients
    }

    /// In a few words of Chinese.
    package func text(directory: Directory?) -> String {
        let name = holder.map { directory?.employee($0)?.name ?? $0 }
        return "第 \(number) 次，" + (name.map { "\($0) 认领后仍未处理" } ?? "仍无人认领")
    }
}
