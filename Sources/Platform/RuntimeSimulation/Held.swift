import Synchronization

/// What one process holds in memory: every event that was decoded, until the runtime lets go of it.
final class Held: Sendable {
    struct Amount: Sendable {
        var records = 0
        var bytes = 0
    }

    /// Held by an event; gives its share back when the event goes.
    final class Share: Sendable {
        private let held: Held
        private let bytes: Int

        fileprivate init(_ held: Held, bytes: Int) {
            self.held = held
            self.bytes = bytes
        }

        deinit { held.add(-1, -bytes) }
    }

    private let state = Mutex((now: Amount(), most: Amount()))

    /// The most that was ever held at the same time.
    var most: Amount { state.withLock { $0.most } }

    func share(bytes: Int) -> Share {
        add(1, bytes)
        return Share(self, bytes: bytes)
    }

    private func add(_ records: Int, _ bytes: Int) {
        state.withLock { state in
            state.now.records += records
            state.now.bytes += bytes
            state.most.records = max(state.most.records, state.now.records)
            state.most.bytes = max(state.most.bytes, state.now.bytes)
        }
    }
}
