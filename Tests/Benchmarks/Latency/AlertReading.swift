import Contracts
import Foundation
import Kafka
import Logging
import Records

/// Reads alerts.v1 from its present end on, with one client for all partitions.
struct AlertReading: Sendable {
    private let consumer: KafkaConsumer
    private let partitions: [TopicPartition]
    private let journal: Journal

    init(_ kafka: KafkaConfiguration, journal: Journal, logger: Logger) async throws {
        let topic = Topics.alerts.name
        let admin = try KafkaAdmin(kafka, logger: logger)
        let count = try await admin.metadata().partitions[topic] ?? 0
        partitions = (0..<count).map { TopicPartition(topic: topic, partition: $0) }
        var ends: [TopicPartition: Int64] = [:]
        for partition in partitions { ends[partition] = try await admin.watermarks(of: partition).upperBound }
        await admin.close()
        consumer = try KafkaConsumer(kafka, group: "latency", partitions: partitions.count, logger: logger)
        try await consumer.assign(ends, ends: ends)
        self.journal = journal
    }

    func run() async throws {
        struct Event: Decodable {
            struct Message: Decodable { var msgid: String }
            var message: Message
        }
        let type = Array(Alert.eventType.utf8)
        while true {
            try await consumer.waitForRecords(in: partitions)
            let records = try consumer.takeRecords(from: partitions, maximumRecords: 1_000, maximumBytes: 8 << 20)
            let now = ContinuousClock.now
            for record in records where record.header(HeaderNames.eventType) == type {
                let event = try JSONDecoder().decode(Event.self, from: Data(record.value ?? []))
                journal.read(event.message.msgid, at: now)
            }
        }
    }

    func close() async { await consumer.close() }
}
