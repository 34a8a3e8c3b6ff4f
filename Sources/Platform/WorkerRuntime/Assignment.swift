import Logging
import Records
import Synchronization

/// The lanes that one assignment of the group suggests, from taking them in the store until they are given up.
final class Assignment<
    Member: GroupMember, Publisher: RecordPublisher, Store: LaneStore, Handler: BatchHandler
>: Sendable where Handler.Transaction == Store.Transaction {
    typealias OwnedLane = Lane<Member, Publisher, Store, Handler>

    private let context: WorkerContext<Member, Publisher, Store, Handler>
    private let partitions: [TopicPartition]
    /// Number of partitions of the source topics, once known; must never change while the worker runs.
    private let width: Watched<Int32?>
    /// Finish what is in hand.
    let stop = Signal()
    /// Drop what is in hand.
    let abandoned = Signal()
    /// Nothing of it runs any more.
    let ended = Signal()
    private let lanes = Mutex<[Int32: OwnedLane]>([:])
    /// Assigns one after the other.
    private let assigning = AsyncSemaphore(permits: 1)
    /// Bounds the lanes that are being made ready at the same time.
    private let starting = AsyncSemaphore(permits: 6)
    /// The lanes that were ready first are assigned together; those that follow assign again.
    private let assignedFirst = Signal()

    init(
        _ partitions: [TopicPartition], width: Watched<Int32?>,
        context: WorkerContext<Member, Publisher, Store, Handler>
    ) {
        self.partitions = partitions
        self.width = width
        self.context = context
    }

    /// Answers the rebalance, takes the lanes and works on them until `stop` or `abandoned` fires.
    func run() async throws {
        defer {
            context.progress.gaveUp(partitions.map(\.partition))
            ended.fire()
        }
        _ = try await abandoned.interrupting { try await self.work() }
    }

    private func work() async throws {
        // The whole group waits for this answer, so it waits for neither the database nor the broker.
        try await context.member.assign([:])
        guard let description = try await describe() else { return }
        let numbers = complete(partitions)
        let states = try await context.retrying(.store, stop: stop, announce: announce) {
            try await self.context.store.take(numbers)
        }
        guard let states else { return }
        let unstarted = Watched(states.count)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.measureLag() }
            group.addTask { try await self.lookForNews() }
            group.addTask { try await self.assignFirst(when: unstarted) }
            for state in states {
                group.addTask { try await self.live(state, description, unstarted) }
            }
            for _ in 0...states.count { try await group.next() }
            // Without any lane, or with lanes that stand still, the assignment still lasts until it is taken away: a
            // member that left would only bring the refused lanes to the next one.
            try await stop.wait()
            group.cancelAll()
            while let ended = await group.nextResult() { try ended.getUnlessCancelled() }
        }
    }

    /// Assigns the lanes that are ready: all of them, or what there is when one keeps the others waiting.
    private func assignFirst(when unstarted: Watched<Int>) async throws {
        _ = try await stop.interrupting {
            try await self.context.clock.limiting(to: self.context.limits.startTogether) {
                try await unstarted.wait { $0 == 0 ? () : nil }
            }
        }
        assignedFirst.fire()
        if stop.isFired { return }
        try await assign()
        context.progress.enter(.running)
    }

    /// Makes one lane ready and works on it.
    private func live(_ state: LaneState, _ description: LogDescription, _ unstarted: Watched<Int>) async throws {
        let lane = try await starting.withPermit { try await start(state, description, again: false) }
        let isLate = assignedFirst.isFired
        unstarted.update { $0 -= 1 }
        guard let lane, !stop.isFired else { return }
        if isLate { try await assign() } else { try await assignedFirst.wait() }
        try await keep(lane, description)
    }

    /// Tells the member what to fetch, and from where: all lanes, each from where it has got to.
    private func assign() async throws {
        try await assigning.withPermit {
            let positions = held.reduce(into: [:]) { $0.merge($1.positions) { first, _ in first } }
            try await context.member.assign(positions)
        }
    }

    // MARK: Lanes

    private var held: [OwnedLane] { lanes.withLock { $0.values.sorted { $0.number < $1.number } } }

    /// Works on a lane; when somebody else takes it although the group still assigns it to us, takes it again.
    private func keep(_ first: OwnedLane, _ description: LogDescription) async throws {
        var lane = first
        while true {
            do {
                return try await lane.run()
            } catch let other as AnotherTopic {
                refuse(lane.number, because: other.reason)
                return try await assign()
            } catch is LaneLost {
                context.logger.warning("lane taken by another worker", metadata: ["lane": "\(lane.number)"])
                let jitter = 0.5 + Double(context.clock.random() >> 11) / Double(1 << 53)
                try await context.clock.sleep(for: context.limits.retakePause * jitter, unless: stop)
                let number = lane.number
                let states = try await context.retrying(.store, stop: stop, announce: announce) {
                    try await self.context.store.take([number])
                }
                guard let state = states?.first else { return }
                guard let next = try await start(state, description, again: true), !stop.isFired else { return }
                lane = next
                try await assign()
                context.progress.enter(.running)
            }
        }
    }

    /// Finds where the lane goes on and makes it ready. A lane that must not be processed stands still, and its status
    /// says why.
    /// - Returns: `nil` for a lane that stands still, or once `stop` fires.
    private func start(
        _ state: LaneState, _ description: LogDescription, again: Bool
    ) async throws -> OwnedLane? {
        context.progress.took(state.claim, again: again)
        // All source topics have the same number: `describe` insists.
        let width = description.partitions.values.max() ?? 1
        let lane = OwnedLane(state, context: context, width: width, stop: stop)
        _ = lanes.withLock { $0.removeValue(forKey: lane.number) }
        var steps: [String: OffsetStep] = [:]
        var lastRecords = LastRecords()
        for source in context.sources {
            let partition = TopicPartition(topic: source.name, partition: lane.number)
            let watermarks = try await context.retrying(
                .log, stop: stop, announce: { lane.announce($0, .batches) }
            ) {
                try await self.context.member.watermarks(of: partition)
            }
            guard let watermarks else { return nil }
            switch StartPosition.resolve(
                partition, stored: state.offsets[source.name], watermarks: watermarks,
                clusterID: description.clusterID, policy: context.startPolicy)
            {
            case .stored:
                guard let stored = state.offsets[source.name] else { continue }
                if lastRecords.expect(stored, topic: source.name, firstKept: watermarks.lowerBound) {
                    context.logger.notice(
                        "retention deleted the last record processed: whether the topic is the same cannot be told",
                        metadata: ["lane": "\(lane.number)", "topic": "\(source.name)"])
                }
            case .first(let offset):
                steps[source.name] = OffsetStep(from: nil, to: offset, clusterID: description.clusterID)
            case .refused(let reason):
                refuse(lane.number, because: reason)
                return nil
            }
        }
        do {
            try await lane.begin(at: steps)
        } catch is BatchDiscarded {
            return nil
        } catch is LaneLost {
            // Somebody took it meanwhile. The lane finds out again with its first transaction, and then waits its turn.
            context.logger.notice("lane lost while it was taken", metadata: ["lane": "\(lane.number)"])
            lane.fail(LaneLost(lane: lane.number))
        }
        lane.rewind(comparing: lastRecords)
        lanes.withLock { $0[lane.number] = lane }
        return lane
    }

    private func refuse(_ lane: Int32, because reason: String) {
        _ = lanes.withLock { $0.removeValue(forKey: lane) }
        context.progress.refused(
            lane, because: "\(reason); stop the worker and run `scrm lanes reset \(context.name)`")
    }

    /// Asks for all lanes at once, beside the batches: they pay nothing for it. A lane without records would otherwise
    /// never find out that it was reset.
    private func lookForNews() async throws {
        while true {
            try await context.clock.sleep(for: context.limits.requestInterval)
            let held = held
            if held.isEmpty { continue }
            do {
                let news = try await context.store.news(of: held.map(\.state.claim))
                for lane in held where news.requested.contains(lane.number) { lane.requested.update { $0 = true } }
                for lane in held where news.lost.contains(lane.number) { lane.fail(LaneLost(lane: lane.number)) }
            } catch let error as any Disposed where error.disposition == .retry {
                // The batches say that the database is away; the next look comes soon.
            }
        }
    }

    private func measureLag() async throws {
        while true {
            try await context.clock.sleep(for: context.limits.lagInterval)
            for lane in held {
                guard let lag = try await lag(of: lane) else { continue }
                context.progress.measured(
                    lane: lane.number, lagRecords: lag, now: context.clock.uptime,
                    nowMilliseconds: context.clock.nowMilliseconds)
            }
        }
    }

    /// - Returns: `nil` when the broker doesn't say. The next measurement comes soon, and what fails for good fails
    ///   elsewhere too.
    private func lag(of lane: OwnedLane) async throws -> Int64? {
        guard let ends = try await lane.ends() else { return nil }
        // Read after the ends: a batch that completed meanwhile is no lag.
        let offsets = lane.state.offsets
        return ends.reduce(0) { $0 + max(0, $1.value - (offsets[$1.key]?.next ?? 0)) }
    }

    // MARK: Checks

    private func announce(_ wait: WorkerStatus.State?) {
        if let wait { context.progress.enter(wait) }
    }

    /// Describes the source topics and insists on one number of partitions, the same as ever. Waits for topics that do
    /// not exist.
    private func describe() async throws -> LogDescription? {
        let topics = context.sources.map(\.name)
        let description = try await context.retrying(.log, stop: stop, announce: announce) {
            let description = try await self.context.member.describe(topics: topics)
            if let missing = topics.first(where: { description.partitions[$0, default: 0] == 0 }) {
                throw LogFailure.missing(topic: missing)
            }
            return description
        }
        guard let description else { return nil }
        let counts = topics.map { description.partitions[$0] ?? 0 }
        let listing = zip(topics, counts).map { "\($0): \($1)" }.joined(separator: ", ")
        guard let count = counts.first, count > 0, counts.allSatisfy({ $0 == count }) else {
            throw ConfigurationFault("the source topics must have the same number of partitions (\(listing))")
        }
        let before = width.update { width in
            defer { width = width ?? count }
            return width
        }
        if let before, before != count {
            throw ConfigurationFault(
                "the source topics had \(before) partitions when this worker started and now have \(count): records of a "
                    + "key would move to another lane")
        }
        return description
    }

    /// The lanes of which all topics are assigned, in order.
    private func complete(_ partitions: [TopicPartition]) -> [Int32] {
        let topics = Set(context.sources.map(\.name))
        return Dictionary(grouping: partitions, by: \.partition).sorted { $0.key < $1.key }.compactMap {
            number, group in
            if Set(group.map(\.topic)).isSuperset(of: topics) { return number }
            context.logger.error(
                "lane assigned without all of its topics: the group's assignor must be range",
                metadata: ["lane": "\(number)"])
            return nil
        }
    }
}

extension Result where Failure == any Error {
    /// Passes on any failure but a cancellation.
    fileprivate func getUnlessCancelled() throws {
        if case .failure(let error) = self, !(error is CancellationError) { throw error }
    }
}
