import Logging
import ServiceLifecycle
import WorkerRuntime

/// Finds out who is in the way while lanes complete nothing, and says once that they stand still and once that it is
/// over.
struct StallWatch: Service {
    let progress: WorkerProgress
    /// After this time lanes count as stalled; after half of it their locks are looked at.
    let limit: Duration
    let clock: any RuntimeClock
    let logger: Logger
    /// Why nothing is completed, in a sentence.
    let stall: @Sendable () -> String?
    /// Who holds the locks that this copy's sessions wait for, in a few words.
    let lockHolders: @Sendable () async throws -> String?

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                var isStalled = false
                while true {
                    try await clock.sleep(for: min(limit / 4, .seconds(2)))
                    await lookAtLocks()
                    let reason = stall()
                    if let reason, !isStalled {
                        logger.error("Nothing is completed.", metadata: [LogKeys.reason: "\(reason)"])
                    } else if reason == nil, isStalled {
                        logger.notice("Records are completed again.")
                    }
                    isStalled = reason != nil
                }
            }
        } catch is CancellationError {
            // The one way the loop ends.
        }
    }

    /// A worker that retries after a lock time-out waits for the lock only now and then, so what was seen is kept until
    /// something is completed.
    private func lookAtLocks() async {
        guard case .stuck = progress.status.liveness(now: clock.uptime, limit: limit / 2) else {
            return progress.lockHolders(nil)
        }
        do {
            let holders = try await clock.limiting(to: .seconds(2)) { try await lockHolders() }
            if let holders, let text = holders { progress.lockHolders(text) }
        } catch {
            // Without an answer the report is less precise; the database's absence is said elsewhere.
            logger.debug("Locks could not be looked at.", metadata: [LogKeys.error: "\(error)"])
        }
    }
}
