import Kafka
import Logging
import Records
import TestSupport

/// Clients of one test's broker, closed when the body ends.
struct KafkaTestClients {
    let broker: TestBroker
    let logger = Logger(label: "kafka-tests")

    func produce(_ records: [OutgoingRecord], _ properties: [String: String] = [:]) async throws {
        let producer = try KafkaProducer(configuration(properties), logger: logger)
        try await producer.enqueue(records).acknowledged()
        await producer.close()
    }

    /// Reads exactly `count` records of a partition from `offset`.
    func read(_ topic: String, partition: Int32 = 0, from offset: Int64 = 0, count: Int) async throws -> [Record] {
        let reader = try KafkaReader(
            broker.configuration, topic: topic, partition: partition, from: .offset(offset), logger: logger)
        var records: [Record] = []
        while records.count < count, let event = try await reader.next() {
            if case .records(let more) = event { records += more }
        }
        await reader.close()
        return records
    }

    func consumer(_ group: String, partitions: Int = 4, _ properties: [String: String] = [:]) throws -> KafkaConsumer {
        try KafkaConsumer(
            configuration(properties), group: broker.prefixed(group), partitions: partitions,
            logger: logger)
    }

    func admin() throws -> KafkaAdmin {
        try KafkaAdmin(broker.configuration, timeout: Patience.limit, logger: logger)
    }

    func configuration(_ properties: [String: String]) -> KafkaConfiguration {
        KafkaConfiguration(broker.configuration.properties.merging(properties) { $1 })
    }
}

func text(_ record: Record) -> String {
    String(decoding: record.value ?? [], as: UTF8.self)
}

extension KafkaConsumer {
    /// Waits for records and takes them; empty when the partitions are not assigned.
    func fetch(_ partitions: [TopicPartition], maximumRecords: Int, maximumBytes: Int) async throws -> [Record] {
        try await waitForRecords(in: partitions)
        return try takeRecords(from: partitions, maximumRecords: maximumRecords, maximumBytes: maximumBytes)
    }
}
