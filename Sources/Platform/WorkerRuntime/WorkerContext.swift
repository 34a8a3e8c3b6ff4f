import Logging

/// What all lanes of one worker share.
struct WorkerContext<
    Member: GroupMember, Publisher: RecordPublisher, Store: LaneStore, Handler: BatchHandler
>: Sendable where Handler.Transaction == Store.Transaction {
    let name: String
    /// Consumer group; first part of the outbox streams' names.
    let group: String
    let sources: [SourceTopic]
    let member: Member
    let publisher: Publisher
    let store: Store
    let clock: any RuntimeClock
    let handler: Handler
    let startPolicy: StartPolicy
    let limits: WorkerLimits
    let protections: RuntimeProtections
    let progress: WorkerProgress
    let logger: Logger
    /// Bounds the batches in hand at the same time: from taking the records until they are settled.
    let batches: AsyncSemaphore
    /// Bounds the lane transactions running at the same time.
    let transactions: AsyncSemaphore
    /// Small batches of several lanes share transactions.
    let together: GroupCommit<Handler.Decision>
}
