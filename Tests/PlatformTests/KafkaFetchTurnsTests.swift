import Records
import TestSupport
import Testing

@testable import Kafka

@Suite struct KafkaFetchTurnsTests {
    private let start = ContinuousClock.now
    private let partitions = (0..<5).map { TopicPartition(topic: "t", partition: $0) }

    private func turns(_ backlogs: [Int64], limit: Int = 2) -> FetchTurns {
        FetchTurns(
            limit: limit, share: 100, backlogs: Dictionary(uniqueKeysWithValues: zip(partitions, backlogs)), now: start)
    }

    @Test func onlyThoseWithABacklogRest() {
        #expect(turns([0, 5_000, 10, 5_000, 5_000]).resting == [partitions[4]])
        #expect(turns([0, 0, 10, 5_000, 5_000]).resting.isEmpty)
    }

    @Test func aTurnEndsWithItsShareAndTheNextHasRestedLongest() {
        var turns = turns([5_000, 5_000, 5_000, 5_000, 0])
        #expect(turns.resting == [partitions[2], partitions[3]])
        #expect(turns.took(99, of: partitions[0], isEmpty: true, backlog: 4_000, now: start) == .init())
        #expect(
            turns.took(1, of: partitions[0], isEmpty: true, backlog: 4_000, now: start)
                == .init(pause: [partitions[0]], resume: [partitions[2]]))
        #expect(turns.resting == [partitions[3], partitions[0]])
    }

    @Test func whatWasFetchedIsNotThrownAwayForTheSakeOfATurn() {
        var turns = turns([5_000, 5_000, 5_000, 0, 0])
        #expect(turns.took(300, of: partitions[0], isEmpty: false, backlog: 4_000, now: start) == .init())
        #expect(
            turns.took(100, of: partitions[0], isEmpty: false, backlog: 4_000, now: start)
                == .init(pause: [partitions[0]], resume: [partitions[2]]))
    }

    @Test func whoHasCaughtUpLeavesTheTurnToOthersAndGoesOnFetching() {
        var turns = turns([5_000, 5_000, 5_000, 0, 0])
        #expect(
            turns.took(10, of: partitions[1], isEmpty: true, backlog: 0, now: start)
                == .init(resume: [partitions[2]]))
        #expect(turns.resting.isEmpty)
    }

    @Test func whoFallsBehindWhenAllTurnsAreTakenRestsAtOnce() {
        var turns = turns([5_000, 5_000, 0, 0, 0])
        #expect(
            turns.took(10, of: partitions[3], isEmpty: true, backlog: 2_000, now: start)
                == .init(pause: [partitions[3]]))
        // Alone with its backlog, it need not.
        var others = self.turns([5_000, 0, 0, 0, 0])
        #expect(others.took(1_000, of: partitions[3], isEmpty: true, backlog: 2_000, now: start) == .init())
    }

    @Test func whoeverDoesNotTakeLosesTheTurn() {
        var turns = turns([5_000, 5_000, 5_000, 0, 0])
        let later = start + FetchTurns.patience + .seconds(1)
        #expect(turns.took(10, of: partitions[1], isEmpty: true, backlog: 4_000, now: later) == .init())
        #expect(turns.tick(now: later) == .init(pause: [partitions[0]], resume: [partitions[2]]))
        #expect(turns.tick(now: later) == .init())
    }

    @Test(arguments: 0..<50)
    func nobodyIsForgotten(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var backlogs = Dictionary(
            uniqueKeysWithValues: partitions.map { ($0, Int64.random(in: 0..<9_000, using: &random)) })
        var turns = FetchTurns(limit: 2, share: 100, backlogs: backlogs, now: start)
        var paused = Set(turns.resting)
        var steps = 0
        while backlogs.values.contains(where: { $0 > 0 }) {
            steps += 1
            guard steps < 10_000,
                let partition = partitions.filter({ !paused.contains($0) }).randomElement(using: &random)
            else {
                Issue.record("no progress: \(backlogs), \(paused)")
                return
            }
            let taken = min(backlogs[partition, default: 0], Int64.random(in: 0...60, using: &random))
            backlogs[partition, default: 0] -= taken
            let change = turns.took(
                Int(taken), of: partition, isEmpty: .random(using: &random), backlog: backlogs[partition, default: 0],
                now: start)
            paused.formUnion(change.pause)
            paused.subtract(change.resume)
            #expect(paused == Set(turns.resting))
        }
    }
}

extension KafkaFetchTurnsTests {
    /// With the broker: pausing and resuming neither loses a record nor gives one twice.
    @Test func everyRecordOfManyDeepPartitionsComesOnceAndInOrder() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let count: Int64 = 3_000
        let topic = try await broker.createTopic("turns", partitions: 8)
        let partitions = (0..<8).map { TopicPartition(topic: topic, partition: Int32($0)) }
        for partition in partitions {
            let records = (0..<count).map { number in
                OutgoingRecord(
                    topic: topic, partition: partition.partition, key: nil, value: Array("\(number)".utf8))
            }
            try await clients.produce(records)
        }
        let consumer = try KafkaConsumer(
            clients.configuration([:]), group: broker.prefixed("turns"), partitions: 8,
            memory: FetchMemory(bytes: 1 << 20, partitionsAtOnce: 2), logger: clients.logger)
        try await consumer.assign(
            Dictionary(uniqueKeysWithValues: partitions.map { ($0, 0) }),
            ends: Dictionary(uniqueKeysWithValues: partitions.map { ($0, count) }))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for partition in partitions {
                group.addTask {
                    var next: Int64 = 0
                    while next < count {
                        for record in try await consumer.fetch([partition], maximumRecords: 400, maximumBytes: 1 << 20)
                        {
                            #expect(record.offset == next)
                            next = record.offset + 1
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        await consumer.close()
        await broker.remove()
    }
}
