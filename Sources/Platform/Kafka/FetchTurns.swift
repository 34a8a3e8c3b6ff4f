internal import Records

/// Who may fetch ahead: every partition that is nearly caught up, and a few of those with a backlog, by turns.
///
/// Memory for records fetched ahead is bounded. Divided among many partitions it makes small batches, and each batch has
/// its price: statements, a commit, requests to the broker. So a few partitions have much at a time, and the others rest.
/// A turn ends when a partition has given its share. Pure: the caller pauses and resumes.
struct FetchTurns {
    /// Fewer records than this behind the end are no backlog: one small batch takes them.
    static let shallow: Int64 = 1_000
    /// A partition whose records nobody takes for so long gives its turn to another.
    static let patience = Duration.seconds(5)

    /// Partitions to pause and to resume.
    struct Change: Equatable {
        var pause: [TopicPartition] = []
        var resume: [TopicPartition] = []
    }

    private struct Turn {
        var bytes = 0
        var since: ContinuousClock.Instant
    }

    /// How many partitions with a backlog fetch at the same time.
    private let limit: Int
    /// Bytes of one turn.
    private let share: Int
    /// Those with a backlog that fetch.
    private var turns: [TopicPartition: Turn] = [:]
    /// Those that wait for their turn, in order.
    private(set) var resting: [TopicPartition] = []

    /// - Parameter backlogs: records of each partition that wait at the broker, as far as known.
    init(limit: Int, share: Int, backlogs: [TopicPartition: Int64], now: ContinuousClock.Instant) {
        self.limit = limit
        self.share = share
        let deep = backlogs.filter { $0.value > Self.shallow }.keys.sorted()
        for partition in deep.prefix(limit) { turns[partition] = Turn(since: now) }
        resting = Array(deep.dropFirst(limit))
    }

    /// Records were taken from a partition.
    /// - Parameters:
    ///   - isEmpty: nothing more of it has been fetched: pausing it loses nothing.
    ///   - backlog: records of it that still wait at the broker.
    mutating func took(
        _ bytes: Int, of partition: TopicPartition, isEmpty: Bool, backlog: Int64, now: ContinuousClock.Instant
    ) -> Change {
        if resting.contains(partition) { return Change() }
        guard backlog > Self.shallow else {
            turns[partition] = nil
            return begin(now)
        }
        var turn = turns[partition] ?? Turn(since: now)
        turn.bytes += bytes
        turn.since = now
        turns[partition] = turn
        let isOver = turns.count > limit || !resting.isEmpty && turn.bytes >= share
        // Fetched faster than taken, it is never found empty.
        guard isOver, isEmpty || turn.bytes >= 4 * share else { return Change() }
        return rest([partition], now)
    }

    /// Takes the turn from those whose records nobody takes; called now and then.
    mutating func tick(now: ContinuousClock.Instant) -> Change {
        if resting.isEmpty { return Change() }
        return rest(turns.filter { now - $0.value.since > Self.patience }.keys.sorted(), now)
    }

    private mutating func rest(_ partitions: [TopicPartition], _ now: ContinuousClock.Instant) -> Change {
        for partition in partitions { turns[partition] = nil }
        resting += partitions
        var change = begin(now)
        change.pause = partitions.filter { !change.resume.contains($0) }
        change.resume.removeAll(where: partitions.contains)
        return change
    }

    /// Gives free turns to those that have rested longest.
    private mutating func begin(_ now: ContinuousClock.Instant) -> Change {
        let next = Array(resting.prefix(max(0, limit - turns.count)))
        resting.removeFirst(next.count)
        for partition in next { turns[partition] = Turn(since: now) }
        return Change(resume: next)
    }
}
