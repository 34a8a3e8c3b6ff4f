package import Contracts

/// An alert as it is told to people: resolved names, masked ids, the words around the hit, a link.
package struct AlertNotice: Sendable, Equatable {
    package var alertID: String
    package var ruleName: String
    package var severity: Severity
    /// Name of the employee, or the id when the directory does not know it.
    package var employee: String
    /// Masked; in a room with several customers how many there are.
    package var customer: String
    /// ``Contracts/Alert/saidAt``.
    package var time: Int64
    package var excerpt: Excerpt
    /// The same in a few words, for a line of a digest.
    package var brief: Excerpt
    /// The words come from a forwarded record: somebody else may have said them.
    package var isForwarded: Bool
    /// The message has been withdrawn.
    package var isRecalled: Bool
    /// The last lines before the hit, short and without full numbers.
    package var before: [SpokenLine]
    package var link: String
    /// User ids to mention.
    package var mentions: [String]
    package var isSelfTest: Bool
    /// An earlier call may have been delivered already.
    package var mayBeRepeated: Bool
    /// Hits it tells of: its own, and those that have joined it.
    package var hits: Int
    /// The severity is higher than the rule's: the customer hit rules too often.
    package var isRaised: Bool
    /// It tells of an alert that was left alone.
    package var escalation: EscalationNotice?
    /// The same in a few words.
    package var escalationText: String?

    /// - Parameters:
    ///   - alert: with the severity it has now.
    ///   - joined: hits that have joined the alert so far.
    ///   - recalled: the message has been withdrawn since.
    package init(
        alert: Alert, joined: Int = 0, directory: Directory?, link: String, mayBeRepeated: Bool = false,
        isRaised: Bool = false, recalled: Bool = false, escalation: EscalationNotice? = nil
    ) {
        alertID = alert.alertID
        ruleName = alert.rule.name
        severity = alert.rule.severity
        employee = alert.employeeID.map { directory?.employee($0)?.name ?? $0 } ?? "未知"
        customer = Self.customer(of: alert)
        time = alert.saidAt
        hits = joined + 1
        excerpt = Excerpt(text: alert.message.text, spans: alert.spans)
        brief = Excerpt(text: alert.message.text, spans: alert.spans, limit: 20)
        isForwarded = alert.message.forwarded
        isRecalled = alert.recalled == true || recalled
        before = (alert.before ?? []).suffix(Self.linesBefore).map {
            SpokenLine($0, directory: directory).brief(limit: Self.lineLength)
        }
        self.link = link
        mentions = escalation?.recipients ?? AlertRecipients(for: alert, directory: directory).mentions
        isSelfTest = alert.selfTest
        self.mayBeRepeated = mayBeRepeated
        self.isRaised = isRaised
        self.escalation = escalation
        escalationText = escalation?.text(directory: directory)
    }

    private static let linesBefore = 2
    private static let lineLength = 40

    private static func customer(of alert: Alert) -> String {
        if let id = alert.customerID { return Masking.customerID(id) }
        let customers = Set(alert.message.recipients.filter { $0.kind == .customer }.map(\.id)).count
        guard customers > 0 else { return "无" }
        return (alert.message.conversation.kind == .group ? "群聊，" : "") + "\(customers) 位客户"
    }

    /// What stands before everything else, so that nobody acts on a test or twice on one alert.
    package var marks: String {
        (isSelfTest ? "【自检】" : "") + (escalation == nil ? "" : "【升级】") + (mayBeRepeated ? "【可能重复】" : "")
            + (isRecalled ? "【已撤回】" : "") + (isRaised ? "【多次命中】" : "")
    }
}
