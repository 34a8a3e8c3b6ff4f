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
    /// The message had been withdrawn when the alert was raised.
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

    /// - Parameter joined: hits that have joined the alert so far.
    package init(
        alert: Alert, joined: Int = 0, directory: Directory?, link: String, mayBeRepeated: Bool = false
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
        isRecalled = alert.recalled == true
        before = (alert.before ?? []).suffix(Self.linesBefore).map {
            SpokenLine($0, directory: directory).brief(limit: Self.lineLength)
        }
        self.link = link
        mentions = AlertRecipients(for: alert, directory: directory).mentions
        isSelfTest = alert.selfTest
        self.mayBeRepeated = mayBeRepeated
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
        (isSelfTest ? "【自检】" : "") + (mayBeRepeated ? "【可能重复】" : "") + (isRecalled ? "【已撤回】" : "")
    }
}
