internal import Synchronization

/// Something to wait for, once: resumed exactly once, by ``fire()`` or by cancellation, whichever comes first.
final class Waiter: Sendable {
    private enum State {
        case idle
        /// Becomes `fired`.
        case waiting(CheckedContinuation<Void, Never>)
        /// Final.
        case fired
    }

    private let state = Mutex(State.idle)

    /// Resumes the wait, or lets a later one return at once. Safe from any thread, C callbacks included.
    func fire() {
        let continuation = state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { state = .fired }
            guard case .waiting(let continuation) = state else { return nil }
            return continuation
        }
        continuation?.resume()
    }

    /// Returns when fired or when the task is cancelled. Called once.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isFired = state.withLock { state -> Bool in
                    if case .fired = state { return true }
                    state = .waiting(continuation)
                    return false
                }
                if isFired { continuation.resume() }
            }
        } onCancel: {
            fire()
        }
    }
}
