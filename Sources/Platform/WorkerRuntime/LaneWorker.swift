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
        let transactions = AsyncSemaphore(permits: max(1, limits.concurrentTransactions))
        context = WorkerContext(
            name: name, group: group, sources: sources, member: member, publisher: publisher, store: store,
            clock: clock, handler: handler, startPolicy: startPolicy, limits: limits, protections: protections,
            progress: progress, logger: logger,
            batches: AsyncSemaphore(permits: max(1, limits.batchesInHand)),
            transactions: transactions,
            together: GroupCommit(
                maximumCount: limits.sharingLanes, gathering: limits.gathering, transactions: transactions,
                clock: clock))
    }

    /// Works until ``shutDown()``, cancellation or a failure that needs a person.
    ///
    /// - Throws: ``ConfigurationFault`` (exit code 2), any other error with disposition `.halt`, or `CancellationError`.
    package func run() async throws {
        defer { context.progress.enter(.stopped) }
        do {
            try await work()
        } catch {
            // Others can take over at once instead of after the session time-out.
            await context.member.close()
            throw error
        }
        await context.member.close()
    }

    /// Begins a graceful stop: fetch no more, finish the batches in hand, say how far they are, leave the group. `run()`
    /// returns when that is done, at the latest after ``WorkerLimits/shutDown``. May be called from any thread.
    package func shutDown() {
        stopping.fire()
    }

    // MARK: Membership

    private typealias Holding = Assignment<Member, Publisher, Store, Handler>

    private enum Happening {
        case membership(MembershipEvent?)
        case shutDown
        case assignmentEnded
    }

    /// Looks at one happening after the other. While an event is being answered no further one is asked for.
    private func work() async throws {
        let width = Watched<Int32?>(nil)
        try await withThrowingTaskGroup(of: Happening.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await self.stopping.wait()
                return .shutDown
            }
            group.addTask { try await self.nextEvent() }
            var holding: Holding?
            while let happening = try await group.next() {
                switch happening {
                case .assignmentEnded: continue
                case .shutDown, .membership(nil):
                    context.progress.enter(.draining)
                    try await giveUp(&holding, within: context.limits.shutDown)
                    return
                case .membership(.assigned(let partitions)):
                    context.progress.rebalanced()
                    try await giveUp(&holding, within: context.limits.drain)
                    let next = Holding(partitions, width: width, context: context)
                    holding = next
                    group.addTask {
                        try await next.run()
                        return .assignmentEnded
                    }
                case .membership(.revoked):
                    try await giveUp(&holding, within: context.limits.drain)
                    try await context.member.unassign()
                case .membership(.lost):
                    holding?.abandoned.fire()
                    try await giveUp(&holding, within: context.limits.drain)
                    try await context.member.unassign()
                }
                group.addTask { try await self.nextEvent() }
            }
        }
    }

    private func nextEvent() async throws -> Happening {
        let never = Signal()
        let event = try await context.retrying(.log, stop: never, announce: { _ in }) {
            Happening.membership(try await self.context.member.nextEvent())
        }
        return event ?? .membership(nil)
    }

    /// Lets the lanes finish what is in hand; what isn't finished in time is dropped.
    private func giveUp(_ holding: inout Holding?, within limit: Duration) async throws {
        guard let assignment = holding else { return }
        holding = nil
        assignment.stop.fire()
        guard context.protections.drainsBeforeUnassign else { return }
        if try await context.clock.limiting(to: limit, { try await assignment.ended.wait() }) == nil {
            context.logger.warning("drain took too long; what is in hand is dropped")
            assignment.abandoned.fire()
            try await assignment.ended.wait()
        }
    }
}
