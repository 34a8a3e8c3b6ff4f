import LaneStorage
import Logging
import ServiceLifecycle
import WorkerRuntime

/// Renews this copy's row in `<schema>.heartbeats` every five seconds and removes it at a clean end.
///
/// A beat that fails is skipped: the pool says when PostgreSQL is away, and readers judge a copy by the age of its row.
struct HeartbeatService: Service {
    let store: HeartbeatStore
    let instance: String
    let clock: any RuntimeClock
    let logger: Logger
    let report: @Sendable () -> StatusReport

    func run() async throws {
        let started = clock.nowMilliseconds
        do {
            try await cancelWhenGracefulShutdown {
                while true {
                    await beat(started)
                    try await clock.sleep(for: .seconds(5))
                }
            }
        } catch is CancellationError {
            // The one way the loop ends.
        }
        await leave()
    }

    private func beat(_ started: Int64) async {
        do {
            let status = try report().json()
            try await store.beat(instance: instance, startedAtMilliseconds: started, status: Array(status.utf8))
        } catch {
            logger.debug("A heartbeat was skipped.", metadata: [LogKeys.error: "\(error)"])
        }
    }

    /// Without the database the row stays and is forgotten by age; a shutdown must not wait for that.
    private func leave() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await store.remove(instance: instance)
                } catch {
                    logger.debug("The heartbeat's row stays.", metadata: [LogKeys.error: "\(error)"])
                }
            }
            group.addTask {
                // Ends early only when the row is gone.
                try? await clock.sleep(for: .seconds(2))
            }
            await group.next()
            group.cancelAll()
        }
    }
}
