/// How a call of the platform's API ended. Failures are values: what follows from each is the caller's policy.
package enum PlatformAnswer<Value: Sendable>: Sendable {
    case success(Value)
    /// The platform refused it with its own code; its text is not kept, for it may quote what was sent.
    case code(Int)
    /// No connection could be made, so nothing was sent.
    case unreachable
    /// Sent, or perhaps sent, and no answer of the platform that can be read.
    case unknown
}

extension PlatformAnswer: Equatable where Value: Equatable {}
