/// Lets a bounded number of tasks through at a time, in the order in which they came.
final class AsyncSemaphore: Sendable {
    private let available: Watched<Int>

    init(permits: Int) {
        available = Watched(permits)
    }

    /// Waits for a permit, runs `body`, gives the permit back. Throws `CancellationError` while waiting.
    func withPermit<Result>(_ body: () async throws -> Result) async throws -> Result {
        try await available.wait { available -> Void? in
            guard available > 0 else { return nil }
            available -= 1
            return ()
        }
        defer { available.update { $0 += 1 } }
        return try await body()
    }
}
