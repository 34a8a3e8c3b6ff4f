import WorkerRuntime

/// Waits for the broker as long as it takes, and says when that is long.
package struct BrokerPatience: Sendable {
    package enum News: Sendable, Equatable {
        /// Nothing has been acknowledged for ``BrokerPatience/limit``.
        case silent
        /// It goes on after that.
        case back
    }

    /// A wait of this length is told.
    package static let limit = Duration.seconds(10)

    let clock: any RuntimeClock
    let tell: @Sendable (News) -> Void

    /// Runs `work` to its end, however long it takes.
    func waiting<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await clock.sleep(for: Self.limit)
                return nil
            }
            var isSilent = false
            while let result = try await group.next() {
                if let result {
                    group.cancelAll()
                    if isSilent { tell(.back) }
                    return result
                }
                isSilent = true
                tell(.silent)
            }
            throw CancellationError()
        }
    }
}
