internal import Synchronization

/// "Look again": wakes every task that waits for a condition whenever the condition may have changed.
final class Signal: Sendable {
    private let waiters = Mutex<[ObjectIdentifier: Waiter]>([:])

    /// Wakes everybody who waits. Takes only its own lock, so C callbacks may call it while librdkafka holds a queue's.
    func fire() {
        let woken = waiters.withLock { waiters in
            defer { waiters.removeAll(keepingCapacity: true) }
            return Array(waiters.values)
        }
        for waiter in woken { waiter.fire() }
    }

    /// Evaluates `condition` now and after every signal until it gives a value.
    ///
    /// A signal between an evaluation and the wait is not lost. Nothing is held while waiting.
    /// - Throws: `CancellationError` when cancelled while waiting, or what `condition` throws.
    static func wait<Value>(on signals: [Signal], until condition: () throws -> Value?) async throws -> Value {
        while true {
            if let value = try condition() { return value }
            let waiter = Waiter()
            for signal in signals { signal.add(waiter) }
            defer { for signal in signals { signal.remove(waiter) } }
            if let value = try condition() { return value }
            await waiter.wait()
            try Task.checkCancellation()
        }
    }

    private func add(_ waiter: Waiter) {
        waiters.withLock { $0[ObjectIdentifier(waiter)] = waiter }
    }

    private func remove(_ waiter: Waiter) {
        _ = waiters.withLock { $0.removeValue(forKey: ObjectIdentifier(waiter)) }
    }
}
