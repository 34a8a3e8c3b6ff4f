import LaneStorage
import Logging
import ServiceLifecycle
import Synchronization
import WorkerRuntime

/// Runs the lanes once everything they need is there, until graceful shutdown.
struct WorkerService<Handler: BatchHandler>: Service where Handler.Transaction == PostgresLaneStore.Transaction {
    let worker: LaneWorker<KafkaGroupMember, KafkaRecordPublisher, PostgresLaneStore, Handler>
    let prerequisites: Prerequisites
    let publisher: KafkaRecordPublisher

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await prerequisites.wait() }
        } catch is CancellationError {
            // Asked to end before it began. The group's member was never made to join.
            return
        }
        try await withGracefulShutdownHandler {
            try await worker.run()
        } onGracefulShutdown: {
            worker.shutDown()
        }
        await publisher.close(timeout: .seconds(2))
    }
}
