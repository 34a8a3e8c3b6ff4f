package import Kafka
package import Logging
package import Records
internal import Synchronization
package import WorkerRuntime

/// ``RecordPublisher`` over librdkafka's idempotent producer.
///
/// When the broker refuses a record for good, the producer ends with a fatal error rather than leave a gap: everything it
/// has not acknowledged fails (the refused record's publication as `.deadLetter`, the others as `.retry`), and the next
/// ``enqueue(_:)`` makes a new producer. Publish again what has failed before publishing anything later.
package final class KafkaRecordPublisher: RecordPublisher {
    private let configuration: KafkaConfiguration
    private let logger: Logger
    private let current: Mutex<KafkaProducer>

    /// - Throws: all faults of the configuration at once.
    package init(_ configuration: KafkaConfiguration, logger: Logger) throws(KafkaConfigurationFaults) {
        self.configuration = configuration
        self.logger = logger
        current = Mutex(try KafkaProducer(configuration, logger: logger))
    }

    package func enqueue(_ records: [OutgoingRecord]) async throws -> any Publication {
        try await enqueue(OutgoingBatch(records))
    }

    package func enqueue(_ records: OutgoingBatch) async throws -> any Publication {
        let producer = try usableProducer()
        do {
            return Sent(publication: try await producer.enqueue(records))
        } catch let error as KafkaError {
            throw LogFailure(publishing: error)
        }
    }

    package var isReachable: Bool { current.withLock { $0 }.isReachable }

    /// Waits for what was accepted, for at most `timeout`.
    package func close(timeout: Duration = .seconds(10)) async {
        await current.withLock { $0 }.close(timeout: timeout)
    }

    private func usableProducer() throws -> KafkaProducer {
        try current.withLock { producer in
            if let error = producer.fatalError, error != .closed {
                logger.notice("A new Kafka producer takes over", metadata: ["kafka.error": "\(error)"])
                producer = try KafkaProducer(configuration, logger: logger)
            }
            return producer
        }
    }

    private struct Sent: Publication {
        let publication: KafkaPublication

        func acknowledged() async throws {
            do {
                try await publication.acknowledged()
            } catch let error as KafkaError {
                throw LogFailure(publishing: error)
            }
        }
    }
}
