import Dispatch

/// A thread for what keeps a processor busy for long: on one of the few threads that all tests share, it would keep
/// others from looking at their clocks and connections.
package enum BusyThread {
    private static let queue = DispatchQueue(label: "busy-tests")

    /// One at a time.
    package static func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
    }
}
