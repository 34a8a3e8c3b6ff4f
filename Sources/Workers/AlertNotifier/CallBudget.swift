import Alerting

/// The budget of a robot, or of a person whom an app writes to, rebuilt from the calls on record, so that it survives restarts and changes of owner.
struct CallBudget {
    /// Calls the platform takes in a minute: 20 from a robot; 30 to a person, of which we need no more either.
    private static let limit = 20
    private static let window: Int64 = 60_000

    private let starts: [Int64]
    private var bucket: TokenBucket

    /// - Parameter starts: start of each call of at least the last minute, ascending, milliseconds.
    init(_ bucket: TokenBucket, starts: [Int64]) {
        self.starts = starts
        self.bucket = bucket
        for start in starts { self.bucket.record(at: start) }
    }

    /// When the next call may begin, not before `now`. The bucket spreads calls; the count over the window holds
    /// whatever the bucket does not know of.
    func nextAvailable(at now: Int64) -> Int64 {
        let recent = starts.filter { $0 > now - Self.window }
        let spread = bucket.nextAvailable(at: now)
        guard recent.count >= Self.limit else { return spread }
        return max(spread, recent[recent.count - Self.limit] + Self.window)
    }

    /// How many calls may begin at `now`.
    func available(at now: Int64) -> Int {
        let recent = starts.count { $0 > now - Self.window }
        return max(0, min(bucket.available(at: now), Self.limit - recent))
    }
}
