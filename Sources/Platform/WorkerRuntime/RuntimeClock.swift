/// Time and chance, as the runtime sees them.
///
/// The runtime sleeps and draws random numbers only here, so that a simulation can do both by seed.
package protocol RuntimeClock: Sendable {
    /// Monotonic time since some fixed moment; for measuring and deadlines.
    var uptime: Duration { get }
    /// Milliseconds since 1970 UTC; for stamping rows and judging ages.
    var nowMilliseconds: Int64 { get }
    func sleep(for duration: Duration) async throws
    /// A uniformly random number, for jitter.
    func random() -> UInt64
}
