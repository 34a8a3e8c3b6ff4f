import Alerting

/// A group robot's budget, rebuilt from the calls on record, so that it survives restarts and changes of owner.
struct RobotBudget {
    /// Calls the platform takes in a minute.
    private static let limit = 20
    private static let window: Int64 = 60_000

    private let starts: [Int64]
    private var bucket = TokenBucket.groupRobot

    /// - Parameter starts: start of each call of at least the last minute, ascending, milliseconds.
    init(starts: [Int64]) {
        self.starts = starts
        for start in starts { bucket.record(at: start) }
    }

    /// When the next call may begin, not before `now`. The bucket spreads calls; the count over the window holds
    /// whatever the bucket does not know of.
    func nextAvailable(at now: Int64) -> Int64 {
        let recent = starts.filter { $0 > now - Self.window }
        let spread = bucket.nextAvailable(at: now)
        guard recent.count >= Self.limit else { return spread }
        return max(spread, recent[recent.count - Self.limit] + Self.window)
    }
}
