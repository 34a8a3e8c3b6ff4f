package import Contracts

/// Something that happened to an alert, for its page and for `scrm alerts show`.
package struct AlertHistoryEntry: Sendable, Equatable {
    package enum Event: String, Sendable, Hashable, CaseIterable {
        case opened
        case acknowledge
        case resolve
        case reopen
        case comment
        case escalated
    }

    /// Milliseconds UTC.
    package var at: Int64
    package var event: Event
    /// Who did it; `nil` for what nobody did.
    package var actor: String?
    package var result: AlertResult?
    package var note: String?
    package var outcome: AlertLife.Outcome
    /// Who had the alert afterwards.
    package var holder: String?
    /// Of an escalation: who was told.
    package var recipients: [String]

    package init(
        at: Int64, event: Event, actor: String? = nil, result: AlertResult? = nil, note: String? = nil,
        outcome: AlertLife.Outcome = .applied, holder: String? = nil, recipients: [String] = []
    ) {
        self.at = at
        self.event = event
        self.actor = actor
        self.result = result
        self.note = note
        self.outcome = outcome
        self.holder = holder
        self.recipients = recipients
    }

    /// In a few words of Chinese, without the note.
    /// - Parameter name: a person's name by user id.
    package func text(name: (String) -> String) -> String {
        let who = actor.map(name) ?? ""
        let has = holder.map(name) ?? "他人"
        switch (event, outcome) {
        case (.opened, _): return "告警产生"
        case (.escalated, _):
            let told = recipients.isEmpty ? "" : "，通知 " + recipients.map(name).joined(separator: "、")
            return (holder == nil ? "无人认领，升级" : "\(has) 认领后未处理，升级") + told
        case (.comment, _): return "\(who) 备注"
        case (_, .unchanged): return "\(who) 重复操作"
        case (.acknowledge, .applied): return "\(who) 认领"
        case (.resolve, .applied): return "\(who) 处理完毕" + (result.map { "：\($0.title)" } ?? "")
        case (.reopen, .applied): return "\(who) 重新打开"
        case (.acknowledge, .tooLate): return "\(who) 也想认领，\(has) 在先"
        case (.resolve, .tooLate): return "\(who) 也来处理，\(has) 在先"
        case (.reopen, .tooLate): return "\(who) 想重新打开，\(has) 已认领"
        }
    }
}
