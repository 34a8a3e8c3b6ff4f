package import Contracts

/// Makes an alert that only asks whether alerts arrive. Pure.
package enum SelfTest {
    /// - Parameters:
    ///   - corp: its robots and webhooks receive it, or only `robot`.
    ///   - id: unique; a repetition with the same id is delivered once.
    /// - Throws: ``OperatorFailure`` when there is nowhere to send it.
    package static func alert(
        for corp: CorpsConfiguration.Corp, robot: String?, id: String, nowMilliseconds: Int64
    ) throws(OperatorFailure) -> Alert {
        if let robot, !corp.robots.contains(where: { $0.id == robot }) {
            let names = corp.robots.map(\.id).joined(separator: ", ")
            throw OperatorFailure(
                .usage, "Corp \(corp.id) has no robot \(robot).",
                advice: names.isEmpty ? "Add it with `scrm corps apply`." : "Its robots are \(names).")
        }
        let robots = robot.map { [$0] } ?? corp.robots.map(\.id)
        let webhooks = robot == nil ? corp.webhooks.map(\.id) : []
        guard !robots.isEmpty || !webhooks.isEmpty else {
            throw OperatorFailure(
                .usage, "Corp \(corp.id) has neither robot nor webhook.", advice: "Add one with `scrm corps apply`.")
        }
        let operatorParty = Party(id: "scrm", kind: .employee)
        let message = ChatMessage(
            corpID: corp.id, messageID: id, filedAt: nil, sentAt: nowMilliseconds, sequence: nil, action: "send",
            messageType: "text", conversation: Conversation(id: "m:\(id)", kind: .multi, external: false),
            sender: operatorParty, recipients: [], text: "这是一条自检消息，用来确认告警能够送达。")
        return Alert(
            alertID: id, corpID: corp.id,
            rule: .init(
                id: "self-test", name: "自检", severity: .notice, version: "0000000000000000", robots: robots,
                webhooks: webhooks),
            message: message, spans: [], employeeID: nil, customerID: nil, raisedAt: nowMilliseconds, selfTest: true)
    }
}
