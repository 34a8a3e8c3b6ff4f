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
    /// What `state.failure` is worth asking for.
    private let hasFailed = Atomic(false)

    /// Its records' delivery reports point at it without counting, so it keeps itself alive until the last of them.
    /// ``close()`` it, or it stays for ever.
    init() {
        _ = unsafe Unmanaged.passRetained(self)
    }

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

    /// The error of an earlier record: what follows must not overtake it.
    var failure: KafkaError? {
        hasFailed.load(ordering: .acquiring) ? state.withLock { $0.failure } : nil
    }

    /// So many records are about to be offered.
    func expect(_ count: Int) {
        state.withLock { $0.outstanding += count }
    }

    /// So many of the records expected last were not accepted.
    func withdraw(_ count: Int) {
        report(count, failure: nil)
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
                hasFailed.store(true, ordering: .releasing)
            }
            return state.outstanding == 0
        }
        guard isComplete else { return }
        changed.fire()
        unsafe Unmanaged.passUnretained(self).release()
    }
}
