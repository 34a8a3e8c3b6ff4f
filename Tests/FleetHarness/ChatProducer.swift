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

    /// - Parameter rate: messages a second; copies on a second partition come on top.
    package func run(rate: Int) async throws {
        let producer = try KafkaProducer(fleet.kafka, logger: TestFleet.logger)
        let topic = fleet.namespace.topic(Topics.chatRaw)
        let clock = ContinuousClock()
        let start = clock.now
        let chunk = max(1, rate / 10)
        for from in stride(from: 0, to: stream.messages.count, by: chunk) {
            let part = stream.messages[from..<min(from + chunk, stream.messages.count)]
            let records = part.flatMap { message in
                ChatStream.partitions(of: message.conversation).map { partition in
                    OutgoingRecord(
                        topic: topic, partition: partition,
                        key: Array(ChatStream.conversationID(message.conversation).utf8), value: message.json)
                }
            }
            try await producer.enqueue(records).acknowledged()
            try await clock.sleep(until: start + .milliseconds(100 * (from / chunk + 1)))
        }
        await producer.close()
    }
}
