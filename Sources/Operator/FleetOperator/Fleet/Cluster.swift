import Kafka
import Logging
package import Records
package import WorkerRuntime

/// The cluster, as the commands use it. One client for questions, one more for publishing when needed.
package final class Cluster: Sendable {
    let admin: KafkaAdmin
    private let configuration: KafkaConfiguration
    private let logger: Logger

    private init(_ configuration: KafkaConfiguration) throws(OperatorFailure) {
        var logger = Logger(label: "scrm")
        // A command says itself what failed.
        logger.logLevel = .critical
        self.logger = logger
        self.configuration = configuration
        do {
            admin = try KafkaAdmin(configuration, logger: logger)
        } catch {
            throw OperatorFailure(.usage, "Kafka settings: \(error)", advice: "Check KAFKA_* and --kafka.")
        }
    }

    /// Opens, runs `body`, closes. Errors of the broker come out as what a person can do about them.
    package static func with<Result>(
        _ settings: OperatorSettings, _ body: (Cluster) async throws -> Result
    ) async throws -> Result {
        let cluster = try Cluster(settings.kafka)
        do {
            let result = try await body(cluster)
            await cluster.admin.close()
            return result
        } catch {
            await cluster.admin.close()
            throw (error as? KafkaError).map(OperatorFailure.init) ?? error
        }
    }

    /// Number of partitions of every topic that can be seen.
    package func partitions() async throws -> [String: Int32] { try await admin.metadata().partitions }

    /// What the broker keeps of each partition.
    package func watermarks(topic: String, partitions: Int32) async throws -> [Int32: Range<Int64>] {
        var watermarks: [Int32: Range<Int64>] = [:]
        for partition in 0..<partitions {
            watermarks[partition] = try await admin.watermarks(of: TopicPartition(topic: topic, partition: partition))
        }
        return watermarks
    }

    /// The newest value of each key of a configuration topic; keys removed by a tombstone are left out.
    package func values(topic: String) async throws -> [String: [UInt8]] {
        guard try await partitions()[topic] != nil else {
            throw OperatorFailure(
                .failure, "The cluster has no topic \(topic).", advice: "Run `scrm topics apply` first.")
        }
        let reader = try KafkaReader(configuration, topic: topic, logger: logger)
        do {
            var values: [String: [UInt8]] = [:]
            reading: while let event = try await reader.next() {
                switch event {
                case .records(let records):
                    for record in records {
                        values[String(decoding: record.key ?? [], as: UTF8.self)] = record.value
                    }
                case .endOfPartition: break reading
                }
            }
            await reader.close()
            return values
        } catch {
            await reader.close()
            throw error
        }
    }

    /// The newest value of one key.
    package func latest(topic: String, key: String) async throws -> [UInt8]? { try await values(topic: topic)[key] }

    /// Publishes and waits for the acknowledgement.
    package func publish(_ records: [OutgoingRecord], properties: [String: String] = [:]) async throws {
        try await withPublisher(properties: properties) { try await $0.enqueue(records).acknowledged() }
    }

    /// Lends a producer while `body` runs.
    package func withPublisher<Result>(
        properties: [String: String] = [:], _ body: (any RecordPublisher) async throws -> Result
    ) async throws -> Result {
        let producer = try KafkaProducer(
            KafkaConfiguration(configuration.properties.merging(properties) { _, own in own }), logger: logger)
        do {
            let result = try await body(ProducerPublisher(producer: producer))
            await producer.close()
            return result
        } catch {
            await producer.close(timeout: .seconds(1))
            throw error
        }
    }
}

/// A producer, as the protocol of the runtime wants it.
private struct ProducerPublisher: RecordPublisher {
    let producer: KafkaProducer

    func enqueue(_ records: [OutgoingRecord]) async throws -> any Publication { try await producer.enqueue(records) }
}

extension KafkaPublication: Publication {}

extension OperatorFailure {
    init(_ error: KafkaError) {
        if error.isAuthorizationFailure {
            self.init(
                .failure, "The cluster refuses this: \(error)",
                advice: "Give the Kafka user the right, or use another one.")
        } else if error.isRetriable {
            self.init(
                .failure, "The cluster can't be reached: \(error)",
                advice: "Check that the brokers run, and --bootstrap-servers or KAFKA_BOOTSTRAP_SERVERS.")
        } else {
            self.init(.failure, "Kafka: \(error)")
        }
    }
}
