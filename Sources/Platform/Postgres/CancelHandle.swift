import CLibpq
import Dispatch
import Synchronization

/// The right to cancel what a connection is doing, usable while the connection itself is in use.
///
/// Sendable: immutable, and `PQcancel` may be called from any thread.
@safe final class CancelHandle: @unchecked Sendable {
    private let pointer: OpaquePointer

    init?(_ connection: ConnectionHandle) {
        guard let pointer = unsafe connection.withPointer({ unsafe PQgetCancel($0) }) else { return nil }
        unsafe self.pointer = pointer
    }

    deinit { unsafe PQfreeCancel(pointer) }

    /// Asks the server to cancel the statement. Blocks for a connection's time, so it runs on a thread of its own:
    /// libpq 15 has no other form. To a host that has vanished that time is minutes.
    /// - Returns: `false` when the request is still under way after `limit`. It goes on by itself.
    func cancel(within limit: Duration) async -> Bool {
        await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
            let once = Once(continuation)
            let thread = Thread { [self] in
                var text = [CChar](repeating: 0, count: 256)
                // A failure shows as the statement not ending, which the caller waits for with a deadline.
                unsafe _ = PQcancel(pointer, &text, Int32(text.count))
                once.resume(returning: true)
            }
            thread.start()
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(limit.wholeMilliseconds))) {
                once.resume(returning: false)
            }
        }
    }

    /// Resumes with the first answer; drops later ones.
    private final class Once: Sendable {
        private let continuation: Mutex<CheckedContinuation<Bool, Never>?>

        init(_ continuation: CheckedContinuation<Bool, Never>) { self.continuation = Mutex(continuation) }

        func resume(returning isDone: Bool) {
            let waiting = continuation.withLock { continuation in
                defer { continuation = nil }
                return continuation
            }
            waiting?.resume(returning: isDone)
        }
    }
}
