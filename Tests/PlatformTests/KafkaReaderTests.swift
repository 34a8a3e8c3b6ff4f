import Kafka
import Records
import TestSupport
import Testing

@Suite struct KafkaReaderTests {
    @Test func theEndIsToldAndLaterRecordsFollow() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("configuration")
        let records = (0..<3).map { OutgoingRecord(topic: topic, partition: 0, key: [UInt8($0)], value: [1]) }
        let reader = try KafkaReader(broker.configuration, topic: topic, logger: clients.logger)
        #expect(try await reader.next() == .endOfPartition(nextOffset: 0))
        try await clients.produce(records)
        var received: [Record] = []
        loop: while let event = try await reader.next() {
            switch event {
            case .records(let more): received += more
            case .endOfPartition(let nextOffset):
                if nextOffset == 3 { break loop }
            }
        }
        #expect(received.map(\.key) == [[0], [1], [2]])
        await reader.close()
        #expect(try await reader.next() == nil)
        await broker.remove()
    }

    @Test func aPositionThatIsGoneIsAnErrorOfThePartition() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("gone")
        let reader = try KafkaReader(broker.configuration, topic: topic, from: .offset(1000), logger: clients.logger)
        let error = try await #require(throws: KafkaError.self) { try await reader.next() }
        #expect(error.isOffsetOutOfRange)
        await reader.close()
        await broker.remove()
    }

    @Test func cancellingTheWaitThrowsAndLosesNothing() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("cancelled")
        let reader = try KafkaReader(broker.configuration, topic: topic, logger: clients.logger)
        #expect(try await reader.next() == .endOfPartition(nextOffset: 0))
        let waiting = Task { try await reader.next() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        try await clients.produce([OutgoingRecord(topic: topic, partition: 0, key: nil, value: [7])])
        guard case .records(let records) = try await reader.next() else {
            Issue.record("expected records")
            return
        }
        #expect(records.map(\.value) == [[7]])
        await reader.close()
        await broker.remove()
    }
}
