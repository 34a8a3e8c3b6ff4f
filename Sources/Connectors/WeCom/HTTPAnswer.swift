/// How an outgoing call ended. Failures are values: what follows from each is the caller's policy.
package enum HTTPAnswer: Sendable, Equatable {
    /// The other side answered. `body` holds at most ``OutboundHTTP/maximumAnswerBytes``, and less than the whole when the
    /// connection broke or the time was over after the head.
    case response(status: Int, retryAfter: Duration?, body: [UInt8])
    /// No connection could be made, so nothing was sent.
    case unreachable
    /// The call was, or may have been, sent, and no status came back in time.
    case noAnswer
    /// The address may not be called (see ``AddressPolicy``), or is no address.
    case addressRefused
}
