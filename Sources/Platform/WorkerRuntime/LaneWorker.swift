package import Logging

/// Runs one handler over the lanes that group membership suggests and the store grants.
///
/// Every record has its effect in the store exactly once and in order of its lane, whatever crashes, stalls, rebalances
/// or is replayed: the store decides, membership only says who should try.
package final class LaneWorker<
    Member: GroupMember, Publisher: RecordPublisher, Store: LaneStore, Handler: BatchHandler
>: Sendable where Handler.Transaction == Store.Transaction {
    private let context: WorkerContext<Member, Publisher, Store, Handler>
    private let stopping = Signal()

    /// - Parameters:
    ///   - name: the worker's name in logs.
    ///   - group: consumer group; outbox streams are called `<group>/<lane>`.
    ///   - progress: where status and metrics are kept; the host reads it.
    package init(
        name: String, group: String, sources: [SourceTopic], member: Member, publisher: Publisher, store: Store,
        clock: any RuntimeClock, handler: Handler, startPolicy: StartPolicy = .earliest,
        limits: WorkerLimits = WorkerLimits(), protections: RuntimeProtections = .all, progress: WorkerProgress,
        logger: Logger
    ) {
        context = WorkerContext(
            name: name, group: group, sources: sources, member: member, publisher: publisher, store: store,
            clock: clock, handler: handler, startPolicy: startPolicy, limits: limits, protections: protections,
            progress: progress, logger: logger,
            transactions: AsyncSemaphore(permits: max(1, limits.concurrentTransactions)))
    }

    /// Works until ``shutDown()``, cancellation or a failure that needs a person.
    ///
    /// - Throws: ``ConfigurationFault`` (exit code 2), any other error with disposition `.halt`, or `CancellationError`.
    package func run() async throws {
        try await stopping.wait()
    }

    /// Begins a graceful stop: fetch no more, finish the batches in hand, say how far they are, leave the group. `run()`
    /// returns when that is done, at the latest after ``WorkerLimits/shutDown``. May be called from any thread.
    package func shutDown() {
        stopping.fire()
    }
}
