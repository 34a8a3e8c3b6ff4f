import Records
import WorkerRuntime

/// Takes every record for acknowledged and sends none.
struct SilentPublisher: RecordPublisher {
    struct Nothing: Publication {
        func acknowledged() async throws {}
    }

    func enqueue(_ records: [OutgoingRecord]) async throws -> any Publication { Nothing() }
    func enqueue(_ records: OutgoingBatch) async throws -> any Publication { Nothing() }
}
