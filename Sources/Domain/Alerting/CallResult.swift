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
    /// The platform refuses the secret. Asking again and again would have our address barred.
    case secretRefused
    /// There is no access token now, nor did a new one help.
    case tokenUnavailable
    /// The platform took the call, but can't reach this person.
    case recipientRefused(RecipientFault)
    /// The configuration no longer knows the target.
    case targetUnknown
    /// The configuration asks for an address that may not be called.
    case addressRefused

    /// Something was, or may have been, sent to the target: it counts against its limits.
    var hasLeft: Bool {
        switch self {
        case .accepted, .platformCode, .httpStatus, .gatewayStatus, .noAnswer, .recipientRefused: true
        case .unreachable, .notStarted, .secretMissing, .secretRefused, .tokenUnavailable, .targetUnknown,
            .addressRefused:
            false
        }
    }
}

/// Why the platform can't write to a person.
package enum RecipientFault: String, Sendable, Hashable {
    /// Nobody in the corp has this user id, or the app may not see the person.
    case invalid = "invalid_recipient"
    case unlicensed = "unlicensed_recipient"
}
