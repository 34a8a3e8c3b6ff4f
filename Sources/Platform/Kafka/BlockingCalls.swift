internal import CLibrdkafka
internal import Foundation
internal import Synchronization

/// Runs librdkafka's synchronous requests (metadata, offsets, admin) off the cooperative pool, a few at a time.
///
/// Each call has its own time-out inside librdkafka, so none holds a thread for ever. Whoever waits for a call does not
/// depend on that: see ``run(within:_:)``.
enum BlockingCalls {
    private static let queue: OperationQueue = {
        let queue = OperationQueue()
        queue.name = "kafka-requests"
        queue.maxConcurrentOperationCount = 8
        return queue
    }()

    /// Runs `body` some time later on a thread that may block.
    static func post(_ body: @escaping @Sendable () -> Void) {
        queue.addOperation(body)
    }

    /// Runs `body` on a thread that may block.
    ///
    /// Returns at once when the task is cancelled, and at the latest after `limit`, which also counts the wait for a
    /// thread. A call that is still under way then goes on by itself and its answer is dropped; one that has not begun
    /// is not made any more.
    /// - Throws: `CancellationError`, a time-out as the broker's, or what `body` throws.
    static func run<Value: Sendable>(
        within limit: Duration, _ body: @escaping @Sendable () throws(KafkaError) -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        let answer = Answer<Value>()
        queue.addOperation {
            if !answer.isGiven { answer.give(Result(catching: body)) }
        }
        let tooLate = DispatchWorkItem { answer.give(.failure(KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT))) }
        DispatchQueue.global().asyncAfter(
            deadline: .now() + .milliseconds(Int(limit.milliseconds)), execute: tooLate)
        defer { tooLate.cancel() }
        await answer.waiter.wait()
        // Only after a cancellation is there none, and none is wanted any more.
        let result = answer.give(.failure(.closed))
        try Task.checkCancellation()
        return try result.get()
    }

    /// The first answer to a call; later ones are dropped.
    private final class Answer<Value: Sendable>: Sendable {
        let waiter = Waiter()
        private let first = Mutex<Result<Value, KafkaError>?>(nil)

        var isGiven: Bool { first.withLock { $0 != nil } }

        /// - Returns: the answer that counts.
        @discardableResult
        func give(_ result: Result<Value, KafkaError>) -> Result<Value, KafkaError> {
            let counting = first.withLock { first in
                let counting = first ?? result
                first = counting
                return counting
            }
            waiter.fire()
            return counting
        }
    }
}
