/// What to do after a failure.
package enum Disposition: Sendable, Hashable {
    /// The world is at fault (connection, deadlock, broker away): retry with back-off, for ever.
    case retry
    /// The record is at fault: bisect the batch down to it and keep it as a dead letter.
    case deadLetter
    /// A unique key was met: repeat once through the handler's conflict-tolerant path.
    case conflict
    /// Our fault, or going on would lose data: stop the worker with a non-zero exit code.
    case halt
}

/// An error that knows its disposition. Any other error is retried five times and then halts the worker.
package protocol Disposed: Error {
    var disposition: Disposition { get }
    /// Of what is retried: the database answers, but somebody holds what is needed. `false` means that it is away.
    var isContention: Bool { get }
}

extension Disposed {
    package var isContention: Bool { false }
}
