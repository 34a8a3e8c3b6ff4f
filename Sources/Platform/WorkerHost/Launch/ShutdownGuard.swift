import Foundation
import Logging
import ServiceLifecycle
import UnixSignals
import WorkerRuntime

/// Sees that a shutdown ends: at the second signal at once, otherwise at the deadline.
///
/// Ending without ado is safe at any moment: what was not committed is done again by the next owner. The first signal
/// itself is handled by the `ServiceGroup`.
struct ShutdownGuard: Service {
    let clock: any RuntimeClock
    let deadline: Duration
    let logger: Logger
    /// Called with the first signal.
    let onSignal: @Sendable () -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Cancelled when every service after this one has ended.
            await withTaskGroup(of: Void.self) { group in
                var count = 0
                for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
                    count += 1
                    if count > 1 { end("Second signal: ending now.") }
                    logger.notice("Shutting down; a second signal ends at once.", metadata: ["signal": "\(signal)"])
                    onSignal()
                    group.addTask {
                        // Cancelled when the shutdown ended in time.
                        guard (try? await clock.sleep(for: deadline)) != nil else { return }
                        end("The shutdown took too long: ending now.")
                    }
                }
                group.cancelAll()
            }
        }
    }

    private func end(_ message: Logger.Message) -> Never {
        logger.error(message, metadata: [LogKeys.exitStatus: "\(ExitStatus.failure)"])
        // `exit` would run the C libraries' clean-up beside threads that still use them.
        _exit(ExitStatus.failure)
    }
}
