import Contracts
import Kafka
import Records
import TestSupport

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
        var kafka = fleet.kafka
        if fleet.broker != nil {
            // The mock cluster, unlike every real broker, takes a request after one it refused, and the client then
            // believes that the first one arrived as well.
            kafka.properties["max.in.flight.requests.per.connection"] = "1"
        }
        let producer = try KafkaProducer(kafka, logger: TestFleet.logger)
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

    /// Records that the broker acknowledged and does not have: nobody can process them.
    /// - Parameter sent: all that was ever sent to the topic.
    package func missing(of sent: ArraySlice<ChatStream.Message>) async throws -> Int64 {
        var expected = [Int64](repeating: 0, count: ChatStream.partitions)
        for message in sent {
            for partition in ChatStream.partitions(of: message.conversation) { expected[Int(partition)] += 1 }
        }
        var missing: Int64 = 0
        for (partition, count) in expected.enumerated() {
            let reader = try KafkaReader(
                fleet.kafka, topic: fleet.namespace.topic(Topics.chatRaw), partition: Int32(partition),
                logger: TestFleet.logger)
            do {
                missing += max(0, count - (try await reader.watermarks(timeout: Patience.limit).upperBound))
            } catch {
                await reader.close()
                throw error
            }
            await reader.close()
        }
        return missing
    }
}
