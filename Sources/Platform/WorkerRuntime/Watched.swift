import Synchronization

/// A value under a lock that tasks can wait for: the one way in which parts of the runtime wait for each other.
///
/// Waiters are examined in the order in which they came, after each update and once per update, so a waiter that takes
/// something (a permit) is fair to those before it.
package final class Watched<Value: Sendable>: Sendable {
    private struct Waiter {
        var id: UInt64
        /// Examines the value under the lock; what it returns resumes the task and runs after the lock.
        var examine: @Sendable (inout Value) -> (@Sendable () -> Void)?
        var cancel: @Sendable () -> Void
    }

    private struct State {
        var value: Value
        var waiters: [Waiter] = []
        var nextID: UInt64 = 0

        mutating func examineWaiters() -> [@Sendable () -> Void] {
            var wake: [@Sendable () -> Void] = []
            var waiting: [Waiter] = []
            for waiter in waiters {
                if let resume = waiter.examine(&value) { wake.append(resume) } else { waiting.append(waiter) }
            }
            waiters = waiting
            return wake
        }
    }

    private let state: Mutex<State>

    package init(_ value: Value) {
        state = Mutex(State(value: value))
    }

    /// Reads the value without waking anybody.
    package func read<Result: Sendable>(_ body: (Value) -> Result) -> Result {
        state.withLock { body($0.value) }
    }

    /// Changes the value and wakes those whose condition it now meets.
    @discardableResult
    package func update<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        var wake: [@Sendable () -> Void] = []
        let result = state.withLock { state in
            let result = body(&state.value)
            if !state.waiters.isEmpty { wake = state.examineWaiters() }
            return result
        }
        for resume in wake { resume() }
        return result
    }

    /// Waits until `condition` returns a value; it may change what it looks at. Throws `CancellationError`.
    package func wait<Result: Sendable>(for condition: @escaping @Sendable (inout Value) -> Result?) async throws
        -> Result
    {
        try Task.checkCancellation()
        let id = state.withLock { state -> UInt64 in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Result, any Error>) in
                let waiter = Waiter(
                    id: id,
                    examine: { value in
                        guard let result = condition(&value) else { return nil }
                        return { continuation.resume(returning: result) }
                    },
                    cancel: { continuation.resume(throwing: CancellationError()) })
                enter(waiter)?()
            }
        } onCancel: {
            leave(id)?()
        }
    }

    /// Lets the waiter wait.
    /// - Returns: what ends its wait at once.
    private func enter(_ waiter: Waiter) -> (@Sendable () -> Void)? {
        state.withLock { state -> (@Sendable () -> Void)? in
            // A cancellation that came before may have looked for this waiter in vain.
            if Task.isCancelled { return waiter.cancel }
            if let resume = waiter.examine(&state.value) { return resume }
            state.waiters.append(waiter)
            return nil
        }
    }

    private func leave(_ id: UInt64) -> (@Sendable () -> Void)? {
        state.withLock { state -> (@Sendable () -> Void)? in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiters.remove(at: index).cancel
        }
    }
}
