internal import Foundation
internal import Glibc
internal import Synchronization

/// The one thread of a client that serves its event queue and makes its short blocking calls.
///
/// Lifetime: the thread starts with ``start(_:finally:)`` and keeps the loop, the queue and the client alive; it ends
/// after ``stop()``, once every command accepted before has run. `stop()` may be called from any thread, any number of
/// times; the owner's `deinit` calls it, so a forgotten client leaves no thread behind.
final class EventLoop: Sendable {
    private struct State {
        var commands: [@Sendable () -> Void] = []
        var isStopping = false
        var isStarted = false
    }

    let queue: EventQueue
    /// Microseconds to wait after a run of events before sleeping on the queue.
    private let gathering: UInt32
    private let state = Mutex(State())
    private let ended = Signal()
    private let hasEnded = Atomic(false)

    /// - Parameter gathering: microseconds in which events that follow closely on others are gathered. A broker answers
    ///   a burst of records with a burst of small answers; waking the thread for each costs more than serving them.
    init(queue: EventQueue, gathering: UInt32 = 0) {
        self.queue = queue
        self.gathering = gathering
    }

    /// Starts the thread.
    /// - Parameters:
    ///   - serve: handles one event, on the thread.
    ///   - tick: runs on the thread after whatever happened, and at least every half second.
    ///   - finally: runs last, on the thread.
    func start(
        name: String, serve: @escaping @Sendable (consuming Event) -> Void,
        tick: @escaping @Sendable () -> Void = {}, finally: @escaping @Sendable () -> Void
    ) {
        let thread = Thread { [self] in
            run(serve: serve, tick: tick)
            finally()
            hasEnded.store(true, ordering: .releasing)
            ended.fire()
        }
        thread.name = name
        state.withLock { $0.isStarted = true }
        thread.start()
    }

    /// Runs `body` on the thread. Not withdrawn by cancellation: `body` is short.
    /// - Throws: ``KafkaError/closed`` when the loop is stopping.
    func perform<Value: Sendable>(
        _ body: @escaping @Sendable () throws(KafkaError) -> Value
    ) async throws(KafkaError) -> Value {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, KafkaError>, Never>) in
            let isAccepted = post {
                continuation.resume(returning: Result(catching: body))
            }
            if !isAccepted { continuation.resume(returning: .failure(.closed)) }
        }
        return try result.get()
    }

    /// Runs `body` on the thread some time later; `false` (and never) when the loop is stopping.
    @discardableResult
    func post(_ body: @escaping @Sendable () -> Void) -> Bool {
        let isAccepted = state.withLock { state in
            guard !state.isStopping else { return false }
            state.commands.append(body)
            return true
        }
        if isAccepted { queue.wake() }
        return isAccepted
    }

    /// Ends the thread after the commands accepted so far.
    func stop() {
        state.withLock { $0.isStopping = true }
        queue.wake()
    }

    /// Waits for the thread's end, cancelled or not.
    func waitForEnd() async {
        while !hasEnded.load(ordering: .acquiring) {
            let waited = Task { [self] in
                // Unstructured, so that a cancelled task still closes in order; ends with the thread. The inner task is
                // never cancelled, so the wait cannot throw.
                try? await Signal.wait(on: [ended]) { hasEnded.load(ordering: .acquiring) ? true : nil }
            }
            _ = await waited.value
        }
    }

    private func run(serve: (consuming Event) -> Void, tick: () -> Void) {
        var hasServed = false
        while true {
            let (commands, isStopping) = state.withLock { state in
                defer { state.commands = [] }
                return (state.commands, state.isStopping)
            }
            for command in commands { command() }
            // Nothing is accepted after `isStopping`, so `commands` was the last of them.
            if isStopping { return }
            tick()
            if let event = queue.poll(milliseconds: 0) {
                serve(event)
                hasServed = true
            } else if hasServed, gathering > 0 {
                usleep(gathering)
                hasServed = false
            } else if let event = queue.poll(milliseconds: 500) {
                // The time-out is only a second chance; wake() ends the wait at once.
                serve(event)
                hasServed = true
            }
        }
    }
}
