import Synchronization

/// Wakes the lanes of this process when one of its batches has planned a delivery for them. Only a hint: lanes also look
/// by themselves, and lanes of other processes hear nothing.
final class DeliveryBell: Sendable {
    enum Wake: Sendable {
        /// Time for a look.
        case tick
        /// Something is about to be committed.
        case rung
    }

    private let listeners = Mutex<[Int32: AsyncStream<Wake>.Continuation]>([:])

    func ring(_ lanes: Set<Int32>) {
        listeners.withLock { listeners in
            for lane in lanes { listeners[lane]?.yield(.rung) }
        }
    }

    /// The wakes of one lane, until `body` returns. A lane that is given up and taken again replaces its listener.
    func listen<Result>(
        lane: Int32, _ body: (AsyncStream<Wake>, AsyncStream<Wake>.Continuation) async throws -> Result
    ) async rethrows -> Result {
        // Wakes that nobody has looked at yet merge; the newest are enough.
        let (wakes, continuation) = AsyncStream.makeStream(of: Wake.self, bufferingPolicy: .bufferingNewest(2))
        listeners.withLock { $0[lane] = continuation }
        defer { continuation.finish() }
        return try await body(wakes, continuation)
    }
}
