/// What a copy does about an app's access token, from what all copies know together. Pure.
///
/// A token is renewed before it ends, by one copy at a time, while the others go on with the old one.
package struct AccessTokenLease: Sendable, Equatable {
    package enum Action: Sendable, Equatable {
        /// Use the token there is.
        case use
        /// Ask the platform for a new one; nobody else does.
        case renew
        /// Somebody else is asking: look again soon.
        case wait
        /// The platform refused the secret: don't ask.
        case refused
    }

    /// All in milliseconds UTC by the database's clock.
    package var renewAt: Int64
    package var expiresAt: Int64
    package var leasedUntil: Int64
    package var refusedUntil: Int64

    package init(renewAt: Int64, expiresAt: Int64, leasedUntil: Int64, refusedUntil: Int64) {
        self.renewAt = renewAt
        self.expiresAt = expiresAt
        self.leasedUntil = leasedUntil
        self.refusedUntil = refusedUntil
    }

    package func action(at now: Int64) -> Action {
        if now < renewAt, now < expiresAt { return .use }
        if refusedUntil > now { return expiresAt > now ? .use : .refused }
        if leasedUntil > now { return expiresAt > now ? .use : .wait }
        return .renew
    }
}
