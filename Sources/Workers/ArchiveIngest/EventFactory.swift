import Contracts
import ConversationArchive
import Records

/// Makes the events a stored message causes.
///
/// At most two for each message, far below what one record may derive: the message itself, and the customer's side of
/// it. In a room only a customer's own words are activity of that customer.
struct EventFactory {
    private let topics: OutputTopics
    /// Headers are the same for all messages of a corp; arrays are shared, not copied.
    private var messageHeaders: [String: [Header]] = [:]
    private var customerHeaders: [String: [Header]] = [:]

    init(topics: OutputTopics) { self.topics = topics }

    /// - Parameter fallbackTime: when a message without any time is taken to have happened, milliseconds UTC.
    mutating func events(
        of message: ChatMessage, fallbackTime: Int64
    ) -> (event: OutgoingRecord, activity: OutgoingRecord?) {
        let record = OutgoingRecord(
            topic: topics.messages, key: [UInt8](copying: message.conversation.id), value: message.encodeJSON(),
            headers: Self.headers(ChatMessage.eventType, message.corpID, &messageHeaders))
        guard let activity = activity(in: message, fallbackTime: fallbackTime) else { return (record, nil) }
        let customerEvent = OutgoingRecord(
            topic: topics.customerEvents, key: [UInt8](copying: activity.customerID), value: activity.encodeJSON(),
            headers: Self.headers(CustomerEvent.eventType, message.corpID, &customerHeaders))
        return (record, customerEvent)
    }

    private func activity(in message: ChatMessage, fallbackTime: Int64) -> CustomerEvent? {
        guard message.action == "send", !Self.isConsent(message) else { return nil }
        let customer: Party
        switch message.sender.kind {
        case .customer:
            customer = message.sender
        case .employee:
            guard message.conversation.kind == .single,
                let recipient = message.recipients.first(where: { $0.kind == .customer })
            else { return nil }
            customer = recipient
        case .robot:
            return nil
        }
        return CustomerEvent(
            corpID: message.corpID, customerID: customer.id, source: "archive", type: "chat.message",
            eventID: message.messageID, occurredAt: message.sentAt ?? message.filedAt ?? fallbackTime,
            side: message.sender.kind, employeeID: Self.onlyEmployee(of: message),
            conversationID: message.conversation.id)
    }

    private static func isConsent(_ message: ChatMessage) -> Bool {
        message.messageType == "agree" || message.messageType == "disagree"
    }

    private static func onlyEmployee(of message: ChatMessage) -> String? {
        if message.sender.kind == .employee { return message.sender.id }
        let employees = message.recipients.lazy.filter { $0.kind == .employee }.prefix(2)
        var iterator = employees.makeIterator()
        guard let first = iterator.next(), iterator.next() == nil else { return nil }
        return first.id
    }

    private static func headers(
        _ eventType: String, _ corpID: String, _ cache: inout [String: [Header]]
    ) -> [Header] {
        if let headers = cache[corpID] { return headers }
        let headers = [
            Header(HeaderNames.eventType, text: eventType), Header(HeaderNames.corpID, text: corpID),
        ]
        cache[corpID] = headers
        return headers
    }
}

/// Where the archive publishes, namespace included.
struct OutputTopics: Sendable, Hashable {
    var messages: String
    var customerEvents: String

    init(namespace: Namespace) {
        messages = namespace.topic(Topics.chatMessages)
        customerEvents = namespace.topic(Topics.customerEvents)
    }
}
