import Contracts
import ConversationArchive
import JSON
import Records

/// Makes the events a stored message causes.
///
/// At most two for each message, far below what one record may derive: the message itself, and the customer's side of
/// it. In a room only a customer's own words are activity of that customer.
struct EventFactory: ~Copyable {
    private let topics: OutputTopics
    private var headers = CorpHeaders(corpID: "")
    private var writer = JSONWriter(reservingCapacity: 4096)

    init(topics: OutputTopics) { self.topics = topics }

    /// - Parameter fallbackTime: when a message without any time is taken to have happened, milliseconds UTC.
    mutating func events(
        of message: ChatMessage, fallbackTime: Int64
    ) -> (event: OutgoingRecord, activity: OutgoingRecord?) {
        if headers.corpID != message.corpID { headers = CorpHeaders(corpID: message.corpID) }
        let record = OutgoingRecord(
            topic: topics.messages, key: [UInt8](copying: message.conversation.id),
            value: message.encodeJSON(with: &writer), headers: headers.message)
        guard let activity = activity(in: message, fallbackTime: fallbackTime) else { return (record, nil) }
        let customerEvent = OutgoingRecord(
            topic: topics.customerEvents, key: [UInt8](copying: activity.customerID),
            value: activity.encodeJSON(with: &writer), headers: headers.customer)
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
}

/// The headers of a corp's events. The same arrays are shared by all of them.
private struct CorpHeaders {
    let corpID: String
    let message: [Header]
    let customer: [Header]

    init(corpID: String) {
        self.corpID = corpID
        let corp = Header(HeaderNames.corpID, text: corpID)
        message = [Header(HeaderNames.eventType, text: ChatMessage.eventType), corp]
        customer = [Header(HeaderNames.eventType, text: CustomerEvent.eventType), corp]
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
