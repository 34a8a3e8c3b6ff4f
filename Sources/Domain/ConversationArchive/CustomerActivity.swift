import Contracts
package import JSON

/// The customer's side of a message: what `customer.events.v1` hears of it.
///
/// In a room only a customer's own words are activity of that customer.
package struct CustomerActivity {
    package var customerID: JSONText
    /// When there is exactly one.
    private var employeeID: JSONText?

    /// `nil` when no customer's activity: recalls, answers to the archive notice, robots, conversations of employees.
    package init?(in message: ArchivedMessage) {
        guard message.action == .send, message.consent == nil, !Self.isConsent(message) else { return nil }
        switch message.sender.kind {
        case .customer:
            customerID = message.sender.id
        case .employee:
            guard message.conversation.kind == .single,
                let recipient = message.recipients.first(where: { $0.kind == .customer })
            else { return nil }
            customerID = recipient.id
        case .robot:
            return nil
        }
        employeeID = Self.onlyEmployee(of: message)
    }

    /// As a ``Contracts/CustomerEvent`` in JSON: one object; absent members are left out.
    ///
    /// - Parameters:
    ///   - message: the same it was made of.
    ///   - writer: has it afterwards and nothing else; its memory is kept for the next event.
    ///   - fallbackTime: when a message without any time is taken to have happened, milliseconds UTC.
    package func encodeJSON(
        of message: ArchivedMessage, with writer: inout JSONWriter, fallbackTime: Int64
    ) {
        writer.removeAll()
        writer.beginObject()
        writer.member("corp_id", message.corpID)
        writer.member("customer_id", customerID)
        writer.member("source", JSONText("archive"))
        writer.member("type", JSONText("chat.message"))
        writer.member("event_id", message.messageID)
        writer.key("occurred_at")
        writer.integer(message.sentAt ?? message.filedAt ?? fallbackTime)
        writer.member("side", JSONText(message.sender.kind.name))
        writer.member("employee_id", employeeID)
        writer.member("conversation_id", message.conversation.id)
        writer.endObject()
    }

    private static func onlyEmployee(of message: ArchivedMessage) -> JSONText? {
        if message.sender.kind == .employee { return message.sender.id }
        var found: JSONText?
        for recipient in message.recipients where recipient.kind == .employee {
            if found != nil { return nil }
            found = recipient.id
        }
        return found
    }

    private static func isConsent(_ message: ArchivedMessage) -> Bool {
        message.messageType == "agree" || message.messageType == "disagree"
    }
}
