/// How one call to a channel ended, in words common to all channels.
package enum CallResult: Sendable, Hashable {
    /// The platform confirmed it.
    case accepted
    /// The platform answered, and said no with its own code.
    case platformCode(Int)
    /// The target's answer, by HTTP status. `retryAfter` as the other side asked.
    case httpStatus(Int, retryAfter: Duration?)
    /// A status other than 2xx from something between us and a platform that never answers so itself.
    case gatewayStatus(Int, retryAfter: Duration?)
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

    /// Something was, or may have been, sent to the target: it counts against its limits.
    var hasLeft: Bool {
        switch self {
        case .accepted, .platformCode, .httpStatus, .gatewayStatus, .noAnswer: true
        case .unreachable, .notStarted, .secretMissing, .targetUnknown, .addressRefused: false
        }
    }
}
