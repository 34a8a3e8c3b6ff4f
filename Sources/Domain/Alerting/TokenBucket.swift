/// A budget of calls: `capacity` at once, and one more each `interval`.
///
/// Kept as the single moment at which the bucket will be full again, so it is exact, needs no timer, and can be rebuilt
/// from the times of past calls.
package struct TokenBucket: Sendable, Equatable {
    package let capacity: Int
    package let intervalMilliseconds: Int64
    private var fullAt: Int64 = .min

    package init(capacity: Int, intervalMilliseconds: Int64) {
        self.capacity = max(capacity, 1)
        self.intervalMilliseconds = max(intervalMilliseconds, 1)
    }

    /// What one group robot can bear: the platform takes 20 messages a minute. Four at once and one every four seconds
    /// are at most 19 in any minute, so a call that arrives late still fits.
    package static let groupRobot = TokenBucket(capacity: 4, intervalMilliseconds: 4_000)

    /// What one person can bear of an app: beyond 30 messages a minute or 1000 an hour the platform drops them without a
    /// word. This pace is below both.
    package static let appMember = groupRobot

    /// When the next call may begin, not before `now`. Milliseconds.
    package func nextAvailable(at now: Int64) -> Int64 {
        guard fullAt > now else { return now }
        return max(now, fullAt - Int64(capacity - 1) * intervalMilliseconds)
    }

    /// How many calls may begin now.
    package func available(at now: Int64) -> Int {
        guard fullAt > now else { return capacity }
        let missing = (fullAt - now + intervalMilliseconds - 1) / intervalMilliseconds
        return max(0, capacity - Int(clamping: missing))
    }

    /// Takes one token, if there is one.
    package mutating func take(at now: Int64) -> Bool {
        guard nextAvailable(at: now) <= now else { return false }
        record(at: now)
        return true
    }

    /// Counts a call that has been made, whether or not there was a token for it.
    package mutating func record(at time: Int64) {
        fullAt = max(fullAt, time) + intervalMilliseconds
    }
}
