package import Logging
package import Records

/// One member of one consumer group.
///
/// A dedicated thread serves membership events, errors and commit results, which keeps the membership alive however
/// long a batch takes; records are taken from one queue per partition by whoever calls
/// ``takeRecords(from:maximumRecords:maximumBytes:)``.
/// Rebalances are answered by the owner: every ``Rebalance/assigned(_:)`` by ``assign(_:)``, every other one by ``unassign()``.
package final class KafkaConsumer: Sendable {
    /// What the group wants of this member.
    package enum Rebalance: Sendable, Equatable {
        case assigned([TopicPartition])
        case revoked([TopicPartition])
        /// The partitions may already have another owner.
        case lost([TopicPartition])
    }

    private let core: ConsumerCore

    /// Makes the member; it joins with ``subscribe(to:)``.
    /// - Parameters:
    ///   - partitions: how many partitions this member may come to hold, for dividing `memory`.
    ///   - memory: see ``FetchMemory``.
    package init(
        _ configuration: KafkaConfiguration, group: String, partitions: Int, memory: FetchMemory = .init(),
        logger: Logger
    ) throws(KafkaConfigurationFaults) {
        core = try ConsumerCore(configuration, group: group, partitions: partitions, memory: memory, logger: logger)
    }

    deinit {
        core.stop()
    }

    package func subscribe(to topics: [String]) async throws(KafkaError) {
        try await core.subscribe(to: topics)
    }

    /// Waits for the next rebalance; `nil` once closed.
    /// - Throws: `CancellationError`, or the ``KafkaError`` that made the member unusable.
    package func nextRebalance() async throws -> Rebalance? {
        try await core.rebalances.next()
    }

    /// Fetches exactly these partitions from exactly these offsets; replaces an earlier assignment.
    ///
    /// Records of the earlier assignment do not appear any more. If a revocation is waiting to be heard through
    /// ``nextRebalance()``, nothing is assigned.
    ///
    /// - Parameter ends: where the partitions end, as far as known. Of many with a backlog only a few fetch at a time:
    ///   see ``FetchMemory``.
    package func assign(
        _ positions: [TopicPartition: Int64], ends: [TopicPartition: Int64] = [:]
    ) async throws(KafkaError) {
        let core = core
        try await core.loop.perform { () throws(KafkaError) in try core.assign(positions, ends: ends) }
    }

    /// Stops fetching; who waits for records is told.
    package func unassign() async throws(KafkaError) {
        let core = core
        try await core.loop.perform { () throws(KafkaError) in try core.unassign() }
    }

    /// Waits until one of the partitions has a record or an error to give, or none of them is assigned (any more).
    ///
    /// Never blocks a thread. Throws `CancellationError`.
    package func waitForRecords(in partitions: [TopicPartition]) async throws {
        try Task.checkCancellation()
        let core = core
        let queues = core.queues(of: partitions)
        if queues.isEmpty { return }
        try await Signal.wait(on: queues.map(\.signal)) { () -> Void? in
            if queues.contains(where: \.hasSomething) || queues.allSatisfy(\.isClosed) { return () }
            core.wakeFetcher(for: queues)
            return nil
        }
    }

    /// What is at hand, in offset order per partition. The limits may be passed by the first record.
    ///
    /// Gives every partition its share first, so that a full one does not starve the others.
    /// - Throws: the ``KafkaError`` of a partition, after the records before it have been given.
    package func takeRecords(
        from partitions: [TopicPartition], maximumRecords: Int, maximumBytes: Int
    ) throws(KafkaError) -> [Record] {
        let queues = core.queues(of: partitions)
        var batch = RecordBatch(maximumRecords: maximumRecords, maximumBytes: maximumBytes)
        for (index, queue) in queues.enumerated() {
            let share = max(1, batch.remainingRecords / (queues.count - index))
            let before = batch.remainingBytes
            do throws(KafkaError) {
                _ = try queue.drain(into: &batch, maximumRecords: share)
            } catch {
                // What was taken before must reach the caller; the error comes again by itself or with the next call.
                if batch.records.isEmpty { throw error }
                queue.put(back: error)
                break
            }
            core.took(before - batch.remainingBytes, of: queue)
            if batch.isFull { break }
        }
        return batch.records
    }

    /// Where these partitions stand: after the last record given, or at the end if only the markers of transactions lie
    /// between. Partitions that are not assigned are missing.
    package func positions(of partitions: [TopicPartition]) -> [TopicPartition: Int64] {
        core.queues(of: partitions).reduce(into: [:]) { $0[$1.partition] = $1.position }
    }

    /// First offset kept and the offset after the last record, asked of the broker.
    package func watermarks(of partition: TopicPartition, timeout: Duration = .seconds(5)) async throws -> Range<Int64>
    {
        try await core.requests.watermarks(of: partition, timeout: timeout)
    }

    /// Number of partitions of every topic, and the cluster's id.
    package func metadata(timeout: Duration = .seconds(5)) async throws -> KafkaMetadata {
        try await core.requests.metadata(timeout: timeout)
    }

    /// Sends next offsets to the group, for lag tools; neither waits nor fails.
    package func commit(_ positions: [TopicPartition: Int64]) {
        core.commit(positions)
    }

    /// Leaves the group at once and ends the thread. May be called twice.
    package func close() async {
        core.stop()
        await core.loop.waitForEnd()
    }
}
