import Logging
import Records
import Synchronization

/// One lane that this worker has taken: the batches, the outbox relay, and the handler's work beside them.
///
/// All transactions of the lane pass through one serial queue, so what the lane believes to be stored changes in one
/// place at a time.
final class Lane<
    Member: GroupMember, Publisher: RecordPublisher, Store: LaneStore, Handler: BatchHandler
>: Sendable where Handler.Transaction == Store.Transaction {
    let context: WorkerContext<Member, Publisher, Store, Handler>
    let number: Int32
    let relay: OutboxRelay<Publisher>
    /// Finish what is in hand.
    let stop: Signal
    /// The lane's serial queue.
    let queue = AsyncSemaphore(permits: 1)
    /// Batches and requests take turns.
    let intake = AsyncSemaphore(permits: 1)
    /// Requests are known to wait.
    let requested = Watched(false)
    let numberedTopics: Set<String>
    /// Number of lanes of the worker over all its copies.
    let width: Int32
    /// What is believed to be stored. Changed only by the holder of `queue`.
    private let believed: Mutex<LaneState>
    /// The next offset to fetch, by topic.
    private let fetched: Mutex<[String: Int64]>
    /// What the log must still hold before the lane goes on.
    private let lastRecords = Mutex(LastRecords())
    /// Work beside the batches was given up while its outbox entries were in doubt: the numbers may have moved.
    let leftInDoubt = Watched(false)
    /// Batches still to be written alone: see ``performTogether(_:_:_:)``.
    let aloneFor = Watched(0)
    /// Why the lane must end although no batch says so.
    private let failure = Watched<(any Error)?>(nil)

    /// - Parameters:
    ///   - width: number of partitions of the source topics.
    init(
        _ state: LaneState, context: WorkerContext<Member, Publisher, Store, Handler>, width: Int32, stop: Signal
    ) {
        self.context = context
        self.width = width
        self.stop = stop
        number = state.claim.lane
        numberedTopics =
            context.protections.dropsSeenNumbers ? Set(context.sources.lazy.filter(\.numbered).map(\.name)) : []
        relay = OutboxRelay(
            source: "\(context.group)/\(state.claim.lane)", publisher: context.publisher, limits: context.limits)
        relay.add(state.outbox)
        believed = Mutex(state.withoutOutbox)
        fetched = Mutex([:])
    }

    var state: LaneState { believed.withLock { $0 } }

    func believe(_ change: (inout LaneState) -> Void) { believed.withLock { change(&$0) } }

    /// Where fetching goes on, for an assignment: at the last record processed until that has been compared.
    var positions: [TopicPartition: Int64] {
        let awaited = lastRecords.withLock(\.offsets)
        let fetched = fetched.withLock { $0 }.merging(awaited) { _, earlier in earlier }
        return Dictionary(
            uniqueKeysWithValues: fetched.map { (TopicPartition(topic: $0.key, partition: number), $0.value) })
    }

    /// Begins fetching at the stored offsets, with the records before them to compare.
    func rewind(comparing lastRecords: LastRecords) {
        self.lastRecords.withLock { $0 = lastRecords }
        let offsets = state.offsets
        fetched.withLock { fetched in
            for source in context.sources { fetched[source.name] = offsets[source.name]?.next }
        }
    }

    func announce(_ wait: WorkerStatus.State?, _ activity: WorkerStatus.Activity) {
        context.progress.announce(wait, activity, lane: number)
    }

    /// Ends the lane with this error, from work beside the batches.
    func fail(_ error: any Error) { failure.update { $0 = $0 ?? error } }

    /// Works until `stop` fires and the batch in hand is finished.
    ///
    /// - Throws: ``LaneLost`` when somebody else has raised the epoch; ``AnotherTopic``; `CancellationError`; what must
    ///   stop the worker.
    func run() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await self.whileHeld {
                    try await self.relay.run(clock: self.context.clock) {
                        self.announce($0, .outbox)
                    } putAside: { entry, detail in
                        try await self.putAside(entry, detail)
                    }
                }
            }
            group.addTask { try await self.whileHeld { try await self.cleanUpOutbox() } }
            group.addTask { try await self.whileHeld { try await self.serveRequests() } }
            group.addTask { try await self.whileHeld { try await self.runHandler() } }
            group.addTask { try await self.whileHeld { throw try await self.failure.wait { $0 } } }
            group.addTask {
                try await self.consume()
                return true
            }
            defer { group.cancelAll() }
            while let consumed = try await group.next(), !consumed {}
        }
    }

    /// The handler's work beside the batches; begins again after a fault of the world's.
    private func runHandler() async throws {
        var backoff = Backoff(context.limits.retryPause)
        while true {
            do {
                return try await context.handler.run(while: session)
            } catch let error as any Disposed where error.disposition == .retry {
                // The batches say what is away.
                try await context.clock.sleep(for: backoff.pause(random: context.clock.random()))
            }
        }
    }

    /// Work that ends with the lane: its cancellation is no error, also when a session found out first that the lane is
    /// gone.
    private func whileHeld(_ work: () async throws -> Void) async throws -> Bool {
        do { try await work() } catch is CancellationError {}
        return false
    }

    // MARK: Batches

    private func consume() async throws {
        do {
            while !stop.isFired {
                if !relay.hasRoom {
                    let before = context.clock.uptime
                    context.progress.waits(lane: number, now: before)
                    context.progress.at(.outbox, lane: number)
                    _ = try await stop.interrupting { try await self.relay.waitForRoom() }
                    context.progress.waitsNoMore(lane: number)
                    context.progress.spent(context.clock.uptime - before, .waiting)
                    continue
                }
                guard try await waitForRecords() else { break }
                context.progress.waits(lane: number, now: context.clock.uptime)
                guard try await waitForParkingRoom() else { break }
                context.progress.at(.turn, lane: number)
                let asked = context.clock.uptime
                let wasEmpty = try await intake.withPermit {
                    let taken = try await context.batches.withPermit { () -> Taken in
                        context.progress.spent(context.clock.uptime - asked, .waiting)
                        return stop.isFired ? .something : try await take()
                    }
                    if case .little(let records) = taken { try await settle(taken: records) }
                    return taken.isNothing
                }
                // Between two assignments. The pause keeps a member that answers at once from spinning.
                if wasEmpty { try await context.clock.sleep(for: .milliseconds(20), unless: stop) }
            }
            // A request in hand is finished first.
            try await intake.withPermit { try await handOver() }
        } catch is BatchDiscarded {
            context.logger.notice("batch discarded while draining", metadata: ["lane": "\(number)"])
        }
    }

    /// Takes no more records while parked ones weigh as much as they may: what would be parked next stays in the log, and
    /// nothing is lost or overtaken.
    /// - Returns: `false` once `stop` fires.
    private func waitForParkingRoom() async throws -> Bool {
        while let full = state.fullParking(context.limits.parking) {
            announce(.stalled(.parkedFull, reason: full), .parking)
            try await context.clock.sleep(for: context.limits.requestInterval, unless: stop)
            if stop.isFired { return false }
        }
        announce(nil, .parking)
        return true
    }

    /// - Returns: `false` once `stop` fires.
    private func waitForRecords() async throws -> Bool {
        let before = context.clock.uptime
        defer { context.progress.spent(context.clock.uptime - before, .polling) }
        return try await stop.interrupting {
            try await self.context.member.waitForRecords(in: self.partitions)
        } != nil
    }

    private enum Taken {
        case nothing
        /// Settled already.
        case something
        /// So little that it needs no place among the batches in hand: every lane may have it in hand at once, so that
        /// lanes can share a transaction.
        case little([Record])

        var isNothing: Bool { if case .nothing = self { true } else { false } }
    }

    /// Takes what is there, and settles it unless it is little.
    private func take() async throws -> Taken {
        let records = try await context.retrying(.log, stop: stop, announce: { self.announce($0, .batches) }) {
            try await self.context.member.takeRecords(
                from: self.partitions, maximumRecords: self.context.limits.batchRecords,
                maximumBytes: self.context.limits.batchBytes)
        }
        guard let records else { return .something }
        if let reason = lastRecords.withLock({ $0.compare(records) }) { throw AnotherTopic(reason: reason) }
        let new = unseen(records)
        guard let first = new.first else {
            context.progress.waitsNoMore(lane: number)
            return try await passMarkers() || !records.isEmpty ? .something : .nothing
        }
        context.progress.took(lane: number, oldestMilliseconds: first.timestampMilliseconds)
        if mayShare(new) { return .little(new) }
        try await settle(taken: new)
        return .something
    }

    private func settle(taken records: [Record]) async throws {
        try await settle(records[...])
        if !state.passedKeys.isEmpty { requested.update { $0 = true } }
    }

    var partitions: [TopicPartition] {
        context.sources.map { TopicPartition(topic: $0.name, partition: number) }
    }

    /// Drops what came again because the assignment was renewed, and moves the fetch position.
    private func unseen(_ records: [Record]) -> [Record] {
        fetched.withLock { fetched in
            var topic: String?
            var next: Int64 = 0
            func isNew(_ record: Record) -> Bool {
                if record.topic != topic {
                    if let topic { fetched[topic] = next }
                    topic = record.topic
                    next = fetched[record.topic, default: 0]
                }
                guard record.offset >= next else { return false }
                next = record.offset + 1
                return true
            }
            // Mostly everything is new and the array is passed on as it is.
            let firstSeen = records.firstIndex { !isNew($0) }
            let result = firstSeen.map { records[..<$0] + records[$0...].filter(isNew) } ?? records[...]
            if let topic { fetched[topic] = next }
            return firstSeen == nil ? records : Array(result)
        }
    }
}

extension LaneState {
    var withoutOutbox: LaneState {
        var state = self
        state.outbox = []
        return state
    }
}
