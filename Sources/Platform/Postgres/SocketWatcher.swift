import CLibpq
import Synchronization

/// Waits for sockets on one thread of its own, so that no thread of the cooperative pool ever blocks.
///
/// One for the process. A wait is armed with a single `epoll_ctl` from the caller's thread (one-shot), so the watcher's
/// thread is woken only when something happened, or to learn of an earlier deadline.
@safe final class SocketWatcher: Sendable {
    static let shared = SocketWatcher()

    enum Outcome: Sendable {
        /// The socket may be ready; also reported now and then without reason.
        case ready
        case timedOut
        case cancelled
    }

    struct Interest: OptionSet, Sendable {
        var rawValue: UInt32
        static let read = Interest(rawValue: EPOLLIN.rawValue)
        static let write = Interest(rawValue: EPOLLOUT.rawValue)
    }

    private struct Waiter {
        var id: UInt64
        var deadline: ContinuousClock.Instant?
        var continuation: CheckedContinuation<Outcome, Never>
    }

    private struct State {
        var waiters: [Int32: Waiter] = [:]
        var lastID: UInt64 = 0
        /// When the thread wakes by itself.
        var wakeUp: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let epoll: Int32
    /// Written to make the thread look at its deadlines.
    private let alarm: Int32

    private init() {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        alarm = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        // Only a process out of descriptors or memory at its start gets here; nothing could work.
        precondition(epoll >= 0 && alarm >= 0, "epoll and eventfd are needed")
        arm(alarm, EPOLLIN.rawValue)
        let thread = Thread { [self] in run() }
        thread.start()
    }

    /// Waits until the socket is ready. One wait per socket at a time.
    ///
    /// - Parameter cancellable: `false` for the clean-up that must go on in a cancelled task.
    func wait(
        for socket: Int32, _ interest: Interest, deadline: ContinuousClock.Instant? = nil, cancellable: Bool = true
    ) async -> Outcome {
        guard cancellable else {
            return await withCheckedContinuation { enlist(socket, interest, deadline, id: nextID(), $0) }
        }
        let id = nextID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enlist(socket, interest, deadline, id: id, continuation)
                // The handler may have run before there was anything to cancel.
                if Task.isCancelled { cancel(socket, id) }
            }
        } onCancel: {
            cancel(socket, id)
        }
    }

    private func nextID() -> UInt64 {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    private func enlist(
        _ socket: Int32, _ interest: Interest, _ deadline: ContinuousClock.Instant?, id: UInt64,
        _ continuation: CheckedContinuation<Outcome, Never>
    ) {
        let mustWake = state.withLock { state in
            precondition(state.waiters[socket] == nil, "two waits for one socket")
            state.waiters[socket] = Waiter(id: id, deadline: deadline, continuation: continuation)
            guard let deadline, state.wakeUp.map({ deadline < $0 }) ?? true else { return false }
            state.wakeUp = deadline
            return true
        }
        arm(socket, interest.rawValue | EPOLLONESHOT.rawValue)
        if mustWake { _ = eventfd_write(alarm, 1) }
    }

    private func cancel(_ socket: Int32, _ id: UInt64) {
        let waiter = state.withLock { state in
            state.waiters[socket]?.id == id ? state.waiters.removeValue(forKey: socket) : nil
        }
        waiter?.continuation.resume(returning: .cancelled)
    }

    /// libpq may close and open sockets as it likes, so whether the number is known to epoll is only found out here.
    private func arm(_ socket: Int32, _ events: UInt32) {
        var event = unsafe epoll_event()
        unsafe event.events = events
        unsafe event.data.fd = socket
        if unsafe epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) == 0 { return }
        unsafe _ = epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event)
    }

    private func run() {
        let capacity = 64
        var events = unsafe [epoll_event](repeating: epoll_event(), count: capacity)
        while true {
            let timeout = millisecondsToWakeUp()
            let count = unsafe events.withUnsafeMutableBufferPointer { buffer in
                unsafe epoll_wait(epoll, buffer.baseAddress, Int32(capacity), timeout)
            }
            let sockets = (0..<Int(max(count, 0))).map { unsafe events[$0].data.fd }
            var woken: [(Waiter, Outcome)] = []
            state.withLock { state in
                for socket in sockets {
                    if socket == alarm {
                        var ignored: eventfd_t = 0
                        unsafe _ = eventfd_read(alarm, &ignored)
                    } else if let waiter = state.waiters.removeValue(forKey: socket) {
                        woken.append((waiter, .ready))
                    }
                }
                expire(&state, &woken)
            }
            for (waiter, outcome) in woken { waiter.continuation.resume(returning: outcome) }
        }
    }

    private func expire(_ state: inout State, _ woken: inout [(Waiter, Outcome)]) {
        guard let wakeUp = state.wakeUp else { return }
        let now = ContinuousClock.now
        guard wakeUp <= now else { return }
        state.wakeUp = nil
        for (socket, waiter) in state.waiters {
            guard let deadline = waiter.deadline else { continue }
            if deadline <= now {
                state.waiters.removeValue(forKey: socket)
                woken.append((waiter, .timedOut))
            } else if state.wakeUp.map({ deadline < $0 }) ?? true {
                state.wakeUp = deadline
            }
        }
    }

    private func millisecondsToWakeUp() -> Int32 {
        guard let wakeUp = state.withLock({ $0.wakeUp }) else { return -1 }
        let remaining = ContinuousClock.now.duration(to: wakeUp).wholeMilliseconds + 1
        return Int32(clamping: max(remaining, 0))
    }
}
