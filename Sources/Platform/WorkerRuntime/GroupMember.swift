package import Records

/// The log, as one member of one consumer group sees it.
///
/// The runtime reads records and membership only through this protocol. Kafka's membership is a hint about who should
/// try; the ``LaneStore`` decides.
package protocol GroupMember: Sendable {
    /// Waits for the next change of membership; `nil` once the member has been closed.
    ///
    /// Every `.assigned` must be answered by ``assign(_:)`` and every `.revoked` or `.lost` by ``unassign()``: the
    /// rebalance of the whole group waits for it.
    func nextEvent() async throws -> MembershipEvent?

    /// Starts fetching exactly these partitions at exactly these offsets. Replaces any earlier assignment. An empty
    /// dictionary answers a rebalance without fetching anything yet.
    func assign(_ positions: [TopicPartition: Int64]) async throws

    /// Stops fetching everything. Records already handed out stay valid; waiting fetches return empty.
    func unassign() async throws

    /// Returns once ``takeRecords(from:maximumRecords:maximumBytes:)`` has something to give or to throw, or when the
    /// partitions are not assigned. Cancellation throws `CancellationError`.
    func waitForRecords(in partitions: [TopicPartition]) async throws

    /// What is at hand, in offset order for each partition; never waits for more. At least one record when there is any,
    /// whatever its size; empty when there is none or the partitions are not assigned.
    /// - Throws: ``LogFailure`` for an error of the partition itself (for example, the offset is out of range).
    func takeRecords(
        from partitions: [TopicPartition], maximumRecords: Int, maximumBytes: Int
    ) async throws -> [Record]

    /// Up to which offset everything of these partitions was taken. At the end of a partition that is further than the
    /// last record if only offsets without records follow, as a producer's transactions leave them. Partitions that are
    /// not assigned are missing.
    func positions(of partitions: [TopicPartition]) -> [TopicPartition: Int64]

    /// First offset still kept, and the offset after the last record.
    func watermarks(of partition: TopicPartition) async throws -> Range<Int64>

    /// Tells the group how far the lanes are. Lag tools read it; correctness never depends on it, so it neither waits
    /// nor fails.
    func commit(_ positions: [TopicPartition: Int64])

    /// Number of partitions of each topic, and the cluster's id. Waits for the broker.
    func describe(topics: [String]) async throws -> LogDescription

    /// Leaves the group, so that others take over at once. Returns within a few seconds, done or not.
    func close() async
}

/// A change of what this member should try to own.
package enum MembershipEvent: Sendable, Equatable {
    /// Become responsible for exactly these partitions (the whole new assignment, not a difference).
    case assigned([TopicPartition])
    /// Give everything up: finish what is in hand, then unassign.
    case revoked([TopicPartition])
    /// Already somebody else's: discard what is in hand, then unassign.
    case lost([TopicPartition])
}

package struct LogDescription: Sendable, Equatable {
    package var clusterID: String
    package var partitions: [String: Int32]

    package init(clusterID: String, partitions: [String: Int32]) {
        self.clusterID = clusterID
        self.partitions = partitions
    }
}

/// A failure of the log, with what to do about it.
package struct LogFailure: Error, Disposed, CustomStringConvertible {
    package var disposition: Disposition
    /// Names topics, partitions and error codes only; never record contents.
    package var description: String

    package init(_ description: String, disposition: Disposition) {
        self.description = description
        self.disposition = disposition
    }

    /// A topic must be made by an operator, and is waited for.
    package static func missing(topic: String) -> LogFailure {
        LogFailure(
            "topic \(topic) does not exist, or this user may not see it: run `scrm topics apply`", disposition: .retry)
    }
}
