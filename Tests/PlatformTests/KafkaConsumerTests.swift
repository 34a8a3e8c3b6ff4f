import Kafka
import Records
import TestSupport
import Testing
import WorkerHost
import WorkerRuntime

@Suite struct KafkaConsumerTests {
    @Test func fetchingTakesFromEveryPartitionWithinItsLimits() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("limits", partitions: 2)
        let partitions = (0..<2).map { TopicPartition(topic: topic, partition: $0) }
        try await clients.produce(numbered(0..<200, topic, 0) + numbered(0..<200, topic, 1))
        let consumer = try clients.consumer("limits")
        try await consumer.assign([partitions[0]: 150, partitions[1]: 0])
        var received: [TopicPartition: [Int64]] = [:]
        while received.values.reduce(0, { $0 + $1.count }) < 250 {
            let records = try await consumer.fetch(partitions, maximumRecords: 7, maximumBytes: 20)
            #expect(records.count <= 7)
            #expect(records.dropLast().reduce(0) { $0 + $1.byteCount } <= 20)
            for record in records { received[record.topicPartition, default: []].append(record.offset) }
        }
        #expect(received[partitions[0]] == Array(150..<200))
        #expect(received[partitions[1]] == Array(0..<200))
        await consumer.close()
        await broker.remove()
    }

    @Test(.enabled(if: !TestBroker.isReal, "writes a marker by hand; a real broker takes it from transactions only"))
    func markersOfTransactionsMoveThePosition() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("markers")
        let partition = TopicPartition(topic: topic, partition: 0)
        let consumer = try clients.consumer("markers")
        try await consumer.assign([partition: 0])
        #expect(consumer.positions(of: [partition]) == [partition: 0])
        for (before, after) in [(0..<3, [Int64]([0, 1, 2])), (3..<5, [4, 5])] {
            try await clients.produce(numbered(before, topic, 0))
            try TransactionMarker.write(to: topic, partition: 0, of: broker)
            var offsets: [Int64] = []
            while consumer.positions(of: [partition]) != [partition: after.last.map { $0 + 2 }] {
                try await consumer.waitForRecords(in: [partition])
                let records = try consumer.takeRecords(from: [partition], maximumRecords: 10, maximumBytes: 1 << 20)
                offsets += records.map(\.offset)
            }
            #expect(offsets == after)
        }
        #expect(try await consumer.watermarks(of: partition, timeout: Patience.limit) == 0..<7)
        await consumer.close()
        await broker.remove()
    }

    @Test func noRecordOfAnOldAssignmentAppearsInANewOne() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("again")
        let partition = TopicPartition(topic: topic, partition: 0)
        try await clients.produce(numbered(0..<500, topic, 0))
        let consumer = try clients.consumer("again")
        for start in [Int64(0), 100, 50, 499, 0] {
            try await consumer.assign([partition: start])
            let first = try await consumer.fetch([partition], maximumRecords: 3, maximumBytes: 1 << 20)
            #expect(first.first?.offset == start)
            if start == 50 { try await consumer.unassign() }  // otherwise replaced without
        }
        try await consumer.unassign()
        #expect(try await consumer.fetch([partition], maximumRecords: 3, maximumBytes: 1 << 20).isEmpty)
        await consumer.close()
        await broker.remove()
    }

    @Test func aWaitingFetchEndsWithTheAssignment() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("waiting")
        let partition = TopicPartition(topic: topic, partition: 0)
        let consumer = try clients.consumer("waiting")
        try await consumer.assign([partition: 0])
        let cancelled = Task { try await consumer.fetch([partition], maximumRecords: 3, maximumBytes: 1 << 20) }
        let waiting = Task { try await consumer.fetch([partition], maximumRecords: 3, maximumBytes: 1 << 20) }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        try await consumer.unassign()
        #expect(try await waiting.value.isEmpty)
        await consumer.close()
        await broker.remove()
    }

    @Test func aPositionOutOfRangeHaltsTheWorker() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("range")
        let partition = TopicPartition(topic: topic, partition: 0)
        let consumer = try clients.consumer("range")
        try await consumer.assign([partition: 1000])
        let error = try await #require(throws: KafkaError.self) {
            try await consumer.fetch([partition], maximumRecords: 3, maximumBytes: 1 << 20)
        }
        #expect(error.isOffsetOutOfRange)
        #expect(LogFailure(reading: error).disposition == .halt)
        await consumer.close()
        await broker.remove()
    }

    @Test func aClosedConsumerRefusesPolitely() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let consumer = try clients.consumer("closed")
        await consumer.close()
        await consumer.close()
        #expect(try await consumer.nextRebalance() == nil)
        await #expect(throws: KafkaError.closed) { try await consumer.assign([:]) }
        await broker.remove()
    }

    private func numbered(_ numbers: Range<Int>, _ topic: String, _ partition: Int32) -> [OutgoingRecord] {
        numbers.map {
            OutgoingRecord(topic: topic, partition: partition, key: [1], value: Array(String($0).utf8))
        }
    }
}
