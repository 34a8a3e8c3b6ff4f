internal import Synchronization

/// Records on their way to the broker.
package final class KafkaPublication: Sendable {
    private struct State {
        /// Reports still missing, plus one until every record has been accepted.
        var outstanding = 1
        var failure: KafkaError?
    }

    private let state = Mutex(State())
    private let changed = Signal()

    init() {}

    /// Returns when every record has been acknowledged. May be awaited more than once and by several tasks.
    /// - Throws: the first error of a record, once all have been reported; `CancellationError` (the records stay on
    ///   their way).
    package func acknowledged() async throws {
        try await Signal.wait(on: [changed]) { () throws(KafkaError) -> Void? in
            let result = state.withLock { state -> Result<Void?, KafkaError> in
                if state.outstanding > 0 { return .success(nil) }
                return state.failure.map { .failure($0) } ?? .success(())
            }
            return try result.get()
        }
    }

    /// One more record is about to be offered.
    /// - Throws: the error of an earlier record of this publication: what follows must not overtake it.
    func expectOne() throws(KafkaError) {
        let failure = state.withLock { state in
            if state.failure == nil { state.outstanding += 1 }
            return state.failure
        }
        if let failure { throw failure }
    }

    /// The record expected last was not accepted.
    func withdrawOne() {
        report(1, failure: nil)
    }

    /// Every record has been offered.
    func close() {
        report(1, failure: nil)
    }

    /// `count` records have been reported.
    func report(_ count: Int, failure: KafkaError?) {
        let isComplete = state.withLock { state in
            state.outstanding -= count
            if let failure {
                // The error of a record tells more than that of its neighbours which fell with it.
                if state.failure.map({ !$0.isRecordRefused && failure.isRecordRefused }) ?? true {
                    state.failure = failure
                }
            }
            return state.outstanding == 0
        }
        if isComplete { changed.fire() }
    }
}
