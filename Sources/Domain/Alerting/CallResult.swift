/// How one call to a channel ended, in words common to all channels.
package enum CallResult: Sendable, Hashable {
    /// The platform confirmed it.
    case accepted
    /// The platform answered, and said no with its own code.
    case platformCode(Int)
    /// An answer of HTTP itself other than success. `retryAfter` as the other side asked.
    case httpStatus(Int, retryAfter: Duration?)
    /// No connection: nothing can have arrived.
    case unreachable
    /// Sent, or perhaps sent, and no answer that can be read.
    case noAnswer
    /// The claim's time was over before the call could begin.
    case notStarted
    /// The secret that the configuration refers to is not there.
    case secretMissing
    /// The configuration no longer knows the target.
    case targetUnknown
    /// The configuration asks for an address that may not be called.
    case addressRefused
}
