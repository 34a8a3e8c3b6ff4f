import Contracts
import Kafka
import Records

/// Sends a stream to `chat.raw.v1` as outside pullers would.
package struct ChatProducer: Sendable {
    private let fleet: TestFleet
    private let stream: ChatStream

    package init(fleet: TestFleet, stream: ChatStream) {
        self.fleet = fleet
        self.stream = stream
    }

    /// - Parameters:
    ///   - rate: messages a second; copies on a second partition come on top.
    ///   - isWanted: asked each tenth of a second's worth; the stream ends here once it says no.
    /// - Returns: the messages that were sent.
    @discardableResult
    package func run(
        rate: Int, while isWanted: () async throws -> Bool = { true }
    ) async throws -> ArraySlice<ChatStream.Message> {
        let producer = try KafkaProducer(fleet.kafka, logger: TestFleet.logger)
        let topic = fleet.namespace.topic(Topics.chatRaw)
        let clock = ContinuousClock()
        let start = clock.now
        let chunk = max(1, rate / 10)
        var sent = 0
        while sent < stream.messages.count, try await isWanted() {
            let part = stream.messages[sent...].prefix(chunk)
            let records = part.flatMap { message in
                ChatStream.partitions(of: message.conversation).map { partition in
                    OutgoingRecord(
                        topic: topic, partition: partition,
                        key: Array(ChatStream.conversationID(message.conversation).utf8), value: message.json)
                }
            }
            try await producer.enqueue(records).acknowledged()
            sent += part.count
            try await clock.sleep(until: start + .milliseconds(100 * (sent / chunk)))
        }
        await producer.close()
        return stream.messages.prefix(sent)
    }
}
