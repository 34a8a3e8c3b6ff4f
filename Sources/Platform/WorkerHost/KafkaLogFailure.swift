package import Kafka
package import WorkerRuntime

extension LogFailure {
    /// Judges an error met while reading.
    ///
    /// A position that is gone means lost records, a missing right is for a person: both stop the worker. Connection
    /// and leadership are waited for.
    package init(reading error: KafkaError) {
        let disposition: Disposition =
            if error.isFatal || error.isOffsetOutOfRange || error.isAuthorizationFailure {
                .halt
            } else if error.isRetriable {
                .retry
            } else {
                .halt
            }
        self.init(error.description, disposition: disposition)
    }

    /// Judges an error met while publishing. A fatal one is retried, on a producer made anew.
    package init(publishing error: KafkaError) {
        let disposition: Disposition =
            if error.isRecordRefused {
                .deadLetter
            } else if error.isFatal || error.isRetriable {
                .retry
            } else {
                .halt
            }
        self.init(error.description, disposition: disposition)
    }

    /// Runs `body` and gives its Kafka errors a disposition; cancellation passes through.
    static func reading<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as KafkaError {
            throw LogFailure(reading: error)
        }
    }
}
