extension WorkerContext {
    /// What a call goes out to, for the announcement of a wait.
    enum World {
        case store, log

        func waiting(_ error: any Error) -> WorkerStatus.State {
            if (error as? any Disposed)?.isContention == true {
                return .stalled(.lock, reason: describe(error))
            }
            return switch self {
            case .store: .waitingForStore(reason: describe(error))
            case .log: .waitingForLog(reason: describe(error))
            }
        }
    }

    /// Repeats a call that changes nothing, or nothing more when repeated, until the world lets it through.
    ///
    /// - Returns: `nil` once `stop` fires.
    func retrying<Result: Sendable>(
        _ world: World, stop: Signal, announce: (WorkerStatus.State?) -> Void,
        _ operation: @escaping @Sendable () async throws -> Result
    ) async throws -> Result? {
        var backoff = Backoff(limits.retryPause)
        var unknown = 0
        while true {
            do {
                guard let result = try await stop.interrupting(operation) else { return nil }
                announce(nil)
                return result
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                switch (error as? any Disposed)?.disposition {
                case .retry: announce(world.waiting(error))
                case nil where unknown + 1 < limits.attemptsOfUnknown: unknown += 1
                default: throw error
                }
                try await clock.sleep(for: backoff.pause(random: clock.random()), unless: stop)
                if stop.isFired { return nil }
            }
        }
    }
}
