package import Records

/// Where a worker publishes: idempotent, in order, acknowledged by all in-sync replicas.
package protocol RecordPublisher: Sendable {
    /// Accepts the records in order and returns without waiting for the broker. Waits while the producer's queue is
    /// full. Records of one call keep their order per partition, and so do records of consecutive calls.
    func enqueue(_ records: [OutgoingRecord]) async throws -> any Publication

    /// The same for records in one piece of memory. The default makes an array of them.
    func enqueue(_ records: OutgoingBatch) async throws -> any Publication

    /// Whether a broker answers at all, as far as is known.
    var isReachable: Bool { get }
}

extension RecordPublisher {
    package func enqueue(_ records: OutgoingBatch) async throws -> any Publication {
        try await enqueue(Array(records))
    }

    package var isReachable: Bool { true }
}

/// Records on their way to the broker.
package protocol Publication: Sendable {
    /// Returns when every record has been acknowledged. May be awaited more than once. Cancelling the wait does not
    /// withdraw the records.
    func acknowledged() async throws
}
