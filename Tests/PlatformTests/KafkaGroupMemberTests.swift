import Kafka
import Logging
import Records
import TestSupport
import Testing
import WorkerHost
import WorkerRuntime

@Suite struct KafkaGroupMemberTests {
    /// Two members take over from each other with positions kept here, as the database would keep them.
    @Test(.patient)
    func partitionsMoveBetweenMembersWithoutLossOrRepetition() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("shared", partitions: 4)
        let other = try await broker.createTopic("paired", partitions: 4)
        let ledger = Ledger()
        try await clients.produce(records(0..<200, topic))
        let first = try member(broker, [topic, other])
        let second = try member(broker, [topic, other])
        try await withThrowingTaskGroup { group in
            group.addTask { try await Self.serve(first, name: "first", ledger) }
            try await eventually("the first member has everything") {
                await ledger.holds(["first": 8], records: 200)
            }
            group.addTask { try await Self.serve(second, name: "second", ledger) }
            try await eventually("the partitions are divided") {
                await ledger.holds(["first": 4, "second": 4], records: 200)
            }
            // Range pairs the partitions of the lane's topics.
            let owned = await ledger.owned["second", default: []]
            #expect(
                Set(owned.filter { $0.topic == topic }.map(\.partition))
                    == Set(owned.filter { $0.topic == other }.map(\.partition)))
            try await clients.produce(records(200..<400, topic))
            try await eventually("all records have arrived") { await ledger.offsets.count == 400 }
            await second.close()
            try await eventually("the first member has everything again") {
                await ledger.holds(["first": 8], records: 400)
            }
            try await clients.produce(records(400..<500, topic))
            try await eventually("all records have arrived") { await ledger.offsets.count == 500 }
            await first.close()
            try await group.waitForAll()
        }
        #expect(await ledger.repetitions == 0)
        #expect(await ledger.gaps == 0)
        await broker.remove()
    }

    @Test func topicsAreDescribedAndMissingOnesLeftOut() async throws {
        let broker = try TestBroker()
        let topic = try await broker.createTopic("there", partitions: 3)
        let member = try member(broker, [topic])
        let description = try await member.describe(topics: [topic, broker.prefixed("absent")])
        #expect(description.partitions == [topic: 3])
        #expect(!description.clusterID.isEmpty)
        // The member gives the broker five seconds at a time.
        try await eventually("the broker says where the partition ends") {
            (try? await member.watermarks(of: TopicPartition(topic: topic, partition: 0))) == 0..<0
        }
        await member.close()
        #expect(try await member.nextEvent() == nil)
        await broker.remove()
    }

    private func member(_ broker: TestBroker, _ topics: [String]) throws -> KafkaGroupMember {
        try KafkaGroupMember(
            broker.configuration, group: broker.prefixed("group"), topics: topics,
            logger: Logger(label: "kafka-tests"))
    }

    private func records(_ numbers: Range<Int>, _ topic: String) -> [OutgoingRecord] {
        numbers.map { OutgoingRecord(topic: topic, partition: Int32($0 % 4), key: [1], value: [UInt8($0 & 255)]) }
    }

    /// What a worker does, without a database: answer every event, fetch, remember positions.
    private static func serve(_ member: KafkaGroupMember, name: String, _ ledger: Ledger) async throws {
        var fetching: Task<Void, any Error>?
        while let event = try await member.nextEvent() {
            switch event {
            case .assigned(let partitions):
                try await member.assign(await ledger.own(name, partitions))
                fetching = Task {
                    while true {
                        try await member.waitForRecords(in: partitions)
                        let records = try await member.takeRecords(
                            from: partitions, maximumRecords: 10, maximumBytes: 1 << 20)
                        if records.isEmpty { return }
                        await ledger.take(records)
                    }
                }
            case .revoked, .lost:
                // Finishes what is in hand before anybody else may start.
                fetching?.cancel()
                _ = await fetching?.result
                try await member.unassign()
                await ledger.disown(name)
            }
        }
        await ledger.disown(name)
    }

    private actor Ledger {
        private(set) var owned: [String: [TopicPartition]] = [:]
        private(set) var offsets: Set<String> = []
        private(set) var repetitions = 0
        private(set) var gaps = 0
        private var positions: [TopicPartition: Int64] = [:]

        func own(_ name: String, _ partitions: [TopicPartition]) -> [TopicPartition: Int64] {
            owned[name] = partitions
            return Dictionary(uniqueKeysWithValues: partitions.map { ($0, positions[$0, default: 0]) })
        }

        func holds(_ counts: [String: Int], records: Int) -> Bool {
            owned.mapValues(\.count) == counts && offsets.count == records
        }

        func disown(_ name: String) {
            owned[name] = nil
        }

        func take(_ records: [Record]) {
            for record in records {
                if !offsets.insert("\(record.topicPartition)@\(record.offset)").inserted { repetitions += 1 }
                if record.offset != positions[record.topicPartition, default: 0] { gaps += 1 }
                positions[record.topicPartition] = record.offset + 1
            }
        }
    }
}
