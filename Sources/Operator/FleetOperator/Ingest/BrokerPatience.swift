import Synchronization
import WorkerRuntime

/// Waits for the broker as long as it takes, and says when that is long: once, and once when it goes on.
package final class BrokerPatience: Sendable {
    package enum News: Sendable, Equatable {
        /// Nothing has been acknowledged for ``BrokerPatience/limit``.
        case silent
        /// It goes on after that.
        case back
    }

    /// A wait of this length is told.
    package static let limit = Duration.seconds(10)

    private let clock: any RuntimeClock
    private let tell: @Sendable (News) -> Void
    private let state = Mutex(State())

    private struct State {
        var isSilent = false
        /// Uptime when the broker last answered anybody.
        var lastHeard = Duration.zero
    }

    init(clock: any RuntimeClock, tell: @escaping @Sendable (News) -> Void) {
        self.clock = clock
        self.tell = tell
    }

    /// Runs `work` to its end, however long it takes. Several may wait at the same time.
    func waiting<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await self.silence()
                return nil
            }
            while let result = try await group.next() {
                if let result {
                    group.cancelAll()
                    heard()
                    return result
                }
                if changes(toSilent: true) { tell(.silent) }
            }
            throw CancellationError()
        }
    }

    /// Returns when nobody has been answered for ``limit``, counted from now at the earliest.
    private func silence() async throws {
        let began = clock.uptime
        while true {
            let quiet = clock.uptime - max(began, state.withLock { $0.lastHeard })
            guard quiet < Self.limit else { return }
            try await clock.sleep(for: Self.limit - quiet)
        }
    }

    private func heard() {
        state.withLock { $0.lastHeard = clock.uptime }
        if changes(toSilent: false) { tell(.back) }
    }

    private func changes(toSilent silent: Bool) -> Bool {
        state.withLock { state in
            defer { state.isSilent = silent }
            return state.isSilent != silent
        }
    }
}
