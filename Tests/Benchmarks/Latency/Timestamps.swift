import Contracts
import Foundation
import Kafka
import Logging
import Postgres
import Records

/// When each record of a message was handed to the broker, by the producers' clocks, and when its hit was judged (one
/// machine: one clock), in milliseconds. Read after the measurement, so that it costs nothing meanwhile.
struct Timestamps {
    private(set) var raw: [String: Int64] = [:]
    private(set) var archived: [String: Int64] = [:]
    private(set) var judged: [String: Int64] = [:]
    private(set) var alerted: [String: Int64] = [:]

    init(_ kafka: KafkaConfiguration, logger: Logger) async throws {
        struct Message: Decodable { var msgid: String }
        struct Event: Decodable { var message: Message }
        let decoder = JSONDecoder()
        raw = try await Self.read(Topics.chatRaw, kafka, logger) {
            try decoder.decode(Message.self, from: Data($0.value ?? [])).msgid
        }
        archived = try await Self.read(Topics.chatMessages, kafka, logger) {
            try decoder.decode(Message.self, from: Data($0.value ?? [])).msgid
        }
        judged = try await Self.readHits(logger)
        let type = Array(Alert.eventType.utf8)
        alerted = try await Self.read(Topics.alerts, kafka, logger) { record in
            record.header(HeaderNames.eventType) == type
                ? try decoder.decode(Event.self, from: Data(record.value ?? [])).message.msgid : nil
        }
    }

    private static func readHits(_ logger: Logger) async throws -> [String: Int64] {
        let pool = PostgresPool(PostgresConfiguration(applicationName: "latency"), logger: logger)
        let rows = try await pool.execute("SELECT msgid, judged_at FROM monitor.hits")
        await pool.close()
        return try rows.reduce(into: [:]) { times, row in
            let (id, time) = try row.decode(String.self, PostgresTimestamp.self)
            times[id] = time.milliseconds
        }
    }

    private static func read(
        _ topic: Topic, _ kafka: KafkaConfiguration, _ logger: Logger, id: (Record) throws -> String?
    ) async throws -> [String: Int64] {
        let admin = try KafkaAdmin(kafka, logger: logger)
        let count = try await admin.metadata().partitions[topic.name] ?? 0
        await admin.close()
        var times: [String: Int64] = [:]
        for partition in 0..<count {
            let reader = try KafkaReader(kafka, topic: topic.name, partition: partition, logger: logger)
            reading: while let event = try await reader.next(maximumRecords: 10_000) {
                switch event {
                case .records(let records):
                    for record in records {
                        if let id = try id(record), times[id] == nil { times[id] = record.timestampMilliseconds }
                    }
                case .endOfPartition: break reading
                }
            }
            await reader.close()
        }
        return times
    }
}
