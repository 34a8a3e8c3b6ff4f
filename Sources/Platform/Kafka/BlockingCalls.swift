internal import Foundation

/// Runs librdkafka's synchronous requests (metadata, watermarks, admin) off the cooperative pool, four at a time.
///
/// Each call has its own time-out inside librdkafka, so none holds a thread for ever.
enum BlockingCalls {
    private static let queue: OperationQueue = {
        let queue = OperationQueue()
        queue.name = "kafka-requests"
        queue.maxConcurrentOperationCount = 4
        return queue
    }()

    /// Runs `body` some time later on a thread that may block.
    static func post(_ body: @escaping @Sendable () -> Void) {
        queue.addOperation(body)
    }

    /// Runs `body` on a thread that may block. Cancellation is looked at before and after, not during the call.
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws(KafkaError) -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, KafkaError>, Never>) in
            queue.addOperation { continuation.resume(returning: Result(catching: body)) }
        }
        try Task.checkCancellation()
        return try result.get()
    }
}
