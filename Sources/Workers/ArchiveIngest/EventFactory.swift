import Contracts
import ConversationArchive
import JSON
import Records

/// Makes the events a stored message causes.
///
/// At most two for each message, far below what one record may derive: the message itself, and the customer's side of
/// it.
struct EventFactory: ~Copyable {
    private let topics: OutputTopics
    private var headers = CorpHeaders(corpID: "")
    private var writer = JSONWriter(reservingCapacity: 4096)

    init(topics: OutputTopics) { self.topics = topics }

    mutating func message(_ message: ArchivedMessage) -> OutgoingRecord {
        if headers.corpID != message.corpID { headers = CorpHeaders(corpID: message.corpID) }
        return OutgoingRecord(
            topic: topics.messages, key: message.conversation.id.bytes, value: message.encodeJSON(with: &writer),
            headers: headers.message)
    }

    /// - Parameter fallbackTime: when a message without any time is taken to have happened, milliseconds UTC.
    mutating func activity(in message: ArchivedMessage, fallbackTime: Int64) -> OutgoingRecord? {
        guard let activity = CustomerActivity(in: message) else { return nil }
        return OutgoingRecord(
            topic: topics.customerEvents, key: activity.customerID.bytes,
            value: activity.encodeJSON(of: message, with: &writer, fallbackTime: fallbackTime),
            headers: headers.customer)
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
