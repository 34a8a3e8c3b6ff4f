import CLibpq

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
    /// libpq 15 has no other form.
    func cancel() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let thread = Thread { [self] in
                var text = [CChar](repeating: 0, count: 256)
                // A failure shows as the statement not ending, which the caller waits for with a deadline.
                unsafe _ = PQcancel(pointer, &text, Int32(text.count))
                continuation.resume()
            }
            thread.start()
        }
    }
}
