package import Logging
package import Records

/// Publishes records: idempotent, acknowledged by all in-sync replicas, in order per partition, without time limit.
///
/// Delivery reports are served by a thread of its own. A fatal error makes the instance useless: everything not yet
/// acknowledged fails, and the owner makes a new one.
package final class KafkaProducer: Sendable {
    private let core: ProducerCore

    package init(_ configuration: KafkaConfiguration, logger: Logger) throws(KafkaConfigurationFaults) {
        core = try ProducerCore(configuration, logger: logger)
    }

    deinit {
        core.loop.stop()
    }

    /// The error after which nothing is accepted any more.
    package var fatalError: KafkaError? { core.fatalError }

    /// Whether a broker answers at all, as far as is known.
    package var isReachable: Bool { core.isReachable }

    /// Accepts the records in order; waits, without holding a thread, while the queue is full.
    ///
    /// If it throws, the records before the failing one are on their way.
    /// - Throws: `CancellationError` while waiting for room, or the ``KafkaError`` of a record that can't be accepted.
    package func enqueue(_ records: OutgoingBatch) async throws -> KafkaPublication {
        let publication = KafkaPublication()
        defer { publication.close() }
        var accepted = 0
        while accepted < records.count {
            let first = accepted
            accepted += try await Signal.wait(on: [core.room]) { () throws(KafkaError) -> Int? in
                let accepted = try core.offer(records, from: first, of: publication)
                return accepted > 0 ? accepted : nil
            }
        }
        return publication
    }

    /// The same for records on their own.
    package func enqueue(_ records: [OutgoingRecord]) async throws -> KafkaPublication {
        try await enqueue(OutgoingBatch(records))
    }

    /// Waits until everything accepted has been reported, for at most `timeout`, then ends the thread.
    ///
    /// What is not acknowledged by then fails with a retriable error.
    package func close(timeout: Duration = .seconds(10)) async {
        await core.close(timeout: timeout)
    }
}
