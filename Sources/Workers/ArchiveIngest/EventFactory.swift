import Contracts
import ConversationArchive
import JSON
import Records
import WorkerRuntime

/// Writes the events a stored message causes.
///
/// At most two for each message, far below what one record may derive: the message itself, and the customer's side of
/// it.
struct EventFactory: ~Copyable {
    private let topics: OutputTopics
    private var writer = JSONWriter(reservingCapacity: 4096)

    init(topics: OutputTopics) { self.topics = topics }

    /// A corp on a sheet, with the routes of its events.
    func corp(_ id: String, in events: inout DerivedRecords) -> MessageSheet.Corp {
        func route(_ topic: String, _ type: String) -> Int {
            events.add(
                OutgoingBatch.Route(
                    topic: topic,
                    headers: [Header(HeaderNames.eventType, text: type), Header(HeaderNames.corpID, text: id)]))
        }
        return MessageSheet.Corp(
            id: id, messages: route(topics.messages, ChatMessage.eventType),
            customerEvents: route(topics.customerEvents, CustomerEvent.eventType))
    }

    mutating func append(
        _ message: ArchivedMessage, from record: Record, of corp: MessageSheet.Corp, to events: inout DerivedRecords
    ) {
        message.encodeJSON(with: &writer)
        append(to: corp.messages, key: message.conversation.id, from: record, to: &events)
        guard let activity = CustomerActivity(in: message) else { return }
        activity.encodeJSON(
            of: message, with: &writer, fallbackTime: record.timestampMilliseconds ?? PlannedMessage.undated)
        append(to: corp.customerEvents, key: activity.customerID, from: record, to: &events)
    }

    /// The value is what was written last.
    private func append(to route: Int, key: JSONText, from record: Record, to events: inout DerivedRecords) {
        unsafe key.withBytes { key in
            unsafe writer.withBytes { value in
                unsafe events.append(from: record, to: route, key: key, value: value)
            }
        }
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
