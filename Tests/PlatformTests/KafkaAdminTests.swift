import Kafka
import Records
import TestSupport
import Testing

@Suite struct KafkaAdminTests {
    @Test(.enabled(if: !TestBroker.isReal, "about what the mock cluster lacks"))
    func aBrokerWithoutAdminRequestsIsNamedAsSuch() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let admin = try clients.admin()
        let error = try await #require(throws: KafkaError.self) {
            try await admin.createTopics([NewTopic(name: "new", partitions: 1)])
        }
        #expect(error.isUnsupportedByBroker)
        #expect(error.text.contains("unsupported by this broker"))
        await admin.close()
    }

    @Test func committedOffsetsAreWhatTheGroupCommitted() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("committed", partitions: 2)
        let partitions = (0..<2).map { TopicPartition(topic: topic, partition: $0) }
        let consumer = try clients.consumer("committed")
        try await consumer.assign([partitions[0]: 0, partitions[1]: 0])
        consumer.commit([partitions[0]: 42])
        let admin = try clients.admin()
        try await eventually("the commit has arrived") {
            try await admin.committedOffsets(group: broker.prefixed("committed"), partitions: partitions)
                == [partitions[0]: 42]
        }
        await consumer.close()
        await admin.close()
        await broker.remove()
    }

    @Test func theClusterIsDescribedWithoutCreatingTopics() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("described", partitions: 5)
        let admin = try clients.admin()
        let metadata = try await admin.metadata()
        #expect(metadata.partitions[topic] == 5)
        #expect(!metadata.brokers.isEmpty)
        #expect(metadata.clusterID != nil)
        await admin.close()
        await broker.remove()
    }

    @Test func changingOneSettingKeepsTheOthersThatWereSet() {
        let current = [
            TopicSetting(name: "retention.ms", value: "1000", isInherited: false),
            TopicSetting(name: "cleanup.policy", value: "delete", isInherited: false),
            TopicSetting(name: "segment.bytes", value: "1073741824", isInherited: true),
        ]
        #expect(
            TopicSetting.complete(["cleanup.policy": "compact", "max.message.bytes": "5"], over: current)
                == ["retention.ms": "1000", "cleanup.policy": "compact", "max.message.bytes": "5"])
    }

    @Test(.enabled(if: TestBroker.isReal, "the mock cluster answers no admin requests; set KAFKA_BOOTSTRAP_SERVERS"))
    func topicsAreCreatedChangedAndDeleted() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let admin = try clients.admin()
        let topic = broker.prefixed("life")
        let new = NewTopic(name: topic, partitions: 2, configuration: ["retention.ms": "100000"])
        #expect(try await admin.createTopics([new]) == [:])
        #expect(try await admin.createTopics([new])[topic]?.isTopicAlreadyThere == true)
        #expect(try await admin.createPartitions([topic: 3]) == [:])
        try await admin.alterSettings(topic: topic, ["max.message.bytes": "2000000"])
        let settings = try await admin.describeSettings(topics: [topic])[topic, default: []]
        #expect(settings.contains(TopicSetting(name: "retention.ms", value: "100000", isInherited: false)))
        #expect(settings.contains(TopicSetting(name: "max.message.bytes", value: "2000000", isInherited: false)))
        try await eventually("the third partition") { try await admin.metadata().partitions[topic] == 3 }
        #expect(try await admin.deleteTopics([topic]) == [:])
        await admin.close()
        await broker.remove()
    }

    @Test(.enabled(if: TestBroker.isReal, "the mock cluster answers no admin requests; set KAFKA_BOOTSTRAP_SERVERS"))
    func groupsAreListedAndDescribed() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("grouped", partitions: 2)
        let group = broker.prefixed("described")
        let consumer = try clients.consumer("described")
        try await consumer.subscribe(to: [topic])
        guard case .assigned(let partitions) = try await consumer.nextRebalance() else {
            Issue.record("expected an assignment")
            return
        }
        try await consumer.assign(Dictionary(uniqueKeysWithValues: partitions.map { ($0, 0) }))
        let admin = try clients.admin()
        #expect(try await admin.listGroups().contains(group))
        try await eventually("the group is stable") {
            let description = try await admin.describeGroups([group])
            return description.first?.members.first?.partitions == partitions
        }
        await consumer.close()
        await admin.close()
        await broker.remove()
    }
}
