import Synchronization

/// What a transaction found, carried out of its closure, which may be run more than once.
final class RemainingLanes: Sendable {
    private let found = Mutex(false)

    var value: Bool { found.withLock { $0 } }
    func set(_ value: Bool) { found.withLock { $0 = value } }
}
