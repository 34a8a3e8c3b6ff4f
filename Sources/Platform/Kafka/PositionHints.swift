internal import Records

/// Positions on their way to the group. Only lag tools read them, so they are sent together and not with each batch, which
/// would cost the broker as much as the batches themselves.
struct PositionHints {
    static let interval = Duration.seconds(1)

    private var positions: [TopicPartition: Int64] = [:]
    private var last: ContinuousClock.Instant?

    mutating func add(_ positions: [TopicPartition: Int64]) {
        self.positions.merge(positions) { _, new in new }
    }

    /// What is to be sent now, if the last time is long enough ago.
    mutating func due(_ now: ContinuousClock.Instant) -> [TopicPartition: Int64] {
        if positions.isEmpty || last.map({ now - $0 < Self.interval }) ?? false { return [:] }
        return take(now)
    }

    /// Everything, whenever the last time was.
    mutating func take(_ now: ContinuousClock.Instant) -> [TopicPartition: Int64] {
        defer { positions = [:] }
        last = now
        return positions
    }
}
