import Dispatch
import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// Sees that the process ends once it is asked to or something failed: at the second signal at once, otherwise at the
/// deadline.
///
/// Ending without ado is safe at any moment: what was not committed is done again by the next owner. The first signal
/// itself is handled by the `ServiceGroup`. Watching begins with ``run()`` and lasts until ``disarm()``, whatever becomes
/// of the group and its tasks: the deadline has a thread of its own.
final class ShutdownGuard: Service {
    private struct State {
        var signals = 0
        var isArmed = false
        var isDisarmed = false
        var sources: [Source] = []
    }

    /// Sendable: libdispatch lets any thread use its objects.
    private struct Source: @unchecked Sendable {
        let signal: any DispatchSourceSignal
    }

    private let deadline: Duration
    private let logger: Logger
    private let onSignal: @Sendable () -> Void
    private let end: @Sendable () -> Void
    private let pause: @Sendable (TimeInterval) -> Void
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "shutdown-guard")

    /// - Parameters:
    ///   - onSignal: called with the first signal.
    ///   - end: ends the process.
    ///   - pause: holds the deadline's own thread for so many seconds.
    init(
        deadline: Duration, logger: Logger, onSignal: @escaping @Sendable () -> Void,
        // `exit` would run the C libraries' clean-up beside threads that still use them.
        end: @escaping @Sendable () -> Void = { _exit(ExitStatus.failure) },
        pause: @escaping @Sendable (TimeInterval) -> Void = { Thread.sleep(forTimeInterval: $0) }
    ) {
        self.deadline = deadline
        self.logger = logger
        self.onSignal = onSignal
        self.end = end
        self.pause = pause
    }

    func run() async throws {
        for number in [SIGTERM, SIGINT] { watch(number) }
        // Ends with the group's graceful shutdown, or cancelled by it: because a service failed, or took too long.
        try? await gracefulShutdown()
        arm()
    }

    /// A signal came.
    func received(_ name: String) {
        let count = state.withLock { state in
            state.signals += 1
            return state.signals
        }
        guard count == 1 else { return end(because: "Second signal: ending now.") }
        logger.notice("Shutting down; a second signal ends at once.", metadata: [LogKeys.signal: "\(name)"])
        onSignal()
        arm()
    }

    /// The shutdown is over: nothing ends the process any more, and signals are nobody's business.
    func disarm() {
        let sources = state.withLock { state in
            state.isDisarmed = true
            defer { state.sources = [] }
            return state.sources
        }
        for source in sources { source.signal.cancel() }
    }

    private func watch(_ number: Int32) {
        #if canImport(Darwin)
            // There a dispatch source only sees what the process doesn't die of; on Linux only what it doesn't ignore.
            signal(number, SIG_IGN)
        #endif
        let source = Source(signal: DispatchSource.makeSignalSource(signal: number, queue: queue))
        source.signal.setEventHandler { [weak self] in
            for _ in 0..<source.signal.data { self?.received(number == SIGTERM ? "SIGTERM" : "SIGINT") }
        }
        state.withLock { $0.sources.append(source) }
        source.signal.resume()
    }

    /// Starts the deadline, once.
    private func arm() {
        let isFirst = state.withLock { state in
            defer { state.isArmed = true }
            return !state.isArmed
        }
        guard isFirst else { return }
        let seconds = deadline.components.seconds
        let rest = Double(deadline.components.attoseconds) / 1e18
        let thread = Thread { [self] in
            pause(Double(seconds) + rest)
            end(because: "The shutdown took too long: ending now.")
        }
        thread.name = "shutdown-deadline"
        thread.start()
    }

    private func end(because message: Logger.Message) {
        if state.withLock({ $0.isDisarmed }) { return }
        logger.error(message, metadata: [LogKeys.exitStatus: "\(ExitStatus.failure)"])
        end()
    }
}
