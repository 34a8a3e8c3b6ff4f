import Postgres

extension ThrowingTaskGroup where ChildTaskResult == Void, Failure == any Error {
    /// Ends the faults and waits for them.
    mutating func cancelAndWait() async throws {
        cancelAll()
        while true {
            do {
                guard try await next() != nil else { return }
            } catch is CancellationError {
            } catch PostgresError.cancelled {
                // In the middle of a statement.
            }
        }
    }
}
