internal import Synchronization

/// Hands values from a thread to a task, in order. Bounded by its sender: a rebalance waits for its answer.
final class Mailbox<Value: Sendable>: Sendable {
    private struct State {
        var values: [Value] = []
        var failure: KafkaError?
        var isFinished = false
    }

    private let state = Mutex(State())
    private let signal = Signal()

    func send(_ value: Value) {
        state.withLock { $0.values.append(value) }
        signal.fire()
    }

    /// Makes ``next()`` throw from now on, after the values sent before.
    func fail(_ error: KafkaError) {
        state.withLock { $0.failure = error }
        signal.fire()
    }

    func finish() {
        state.withLock { $0.isFinished = true }
        signal.fire()
    }

    /// Waits for the next value; `nil` when finished.
    func next() async throws -> Value? {
        try await Signal.wait(on: [signal]) { () throws(KafkaError) -> Value?? in
            let result = state.withLock { state -> Result<Value??, KafkaError> in
                if !state.values.isEmpty { return .success(.some(state.values.removeFirst())) }
                if let failure = state.failure { return .failure(failure) }
                return .success(state.isFinished ? .some(nil) : nil)
            }
            return try result.get()
        }
    }
}
