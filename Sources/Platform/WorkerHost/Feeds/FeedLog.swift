package import Records

/// A configuration topic, read from its beginning without a group and then followed.
package protocol FeedLog: Sendable {
    /// Calls `body` for each step, in order, until cancelled. Waits while the broker is away.
    func follow(_ body: (FeedStep) async throws -> Void) async throws
}

/// What reading a configuration topic brings.
package enum FeedStep: Sendable {
    /// Reading begins, or begins again, at the topic's first record: what follows is known already up to `caughtUp`.
    case begins
    case record(Record)
    /// Everything that was there when reading began has been delivered. May come again.
    case caughtUp
    /// The topic cannot be read now, in a sentence; reading goes on by itself.
    case unreachable(String)
}
