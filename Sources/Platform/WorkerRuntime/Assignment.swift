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
        var refusals: [String] = []
        for state in states {
            guard let refusal = try await start(state, description, again: false) else { continue }
            refusals.append(refusal)
        }
        if stop.isFired { return }
        if let refusal = refusals.first, refusals.count == numbers.count { throw RuntimeHalt(refusal) }
        try await assign()
        context.progress.enter(.running)
        let started = held
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.measureLag() }
            for lane in started {
                group.addTask { try await self.keep(lane, description) }
            }
            for _ in started { try await group.next() }
            // Without any lane the assignment still lasts until it is taken away.
            try await stop.wait()
            group.cancelAll()
            while let ended = await group.nextResult() { try ended.getUnlessCancelled() }
        }
    }

    /// Tells the member what to fetch, and from where: all lanes, each from where it has got to.
    private func assign() async throws {
        try await assigning.withPermit {
            let positions = held.map(\.positions).reduce(into: [:]) { $0.merge($1) { first, _ in first } }
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
            } catch is LaneLost {
                context.logger.warning("lane taken by another worker", metadata: ["lane": "\(lane.number)"])
                let jitter = 0.5 + Double(context.clock.random() >> 11) / Double(1 << 53)
                try await context.clock.sleep(for: context.limits.retakePause * jitter, unless: stop)
                let number = lane.number
                let states = try await context.retrying(.store, stop: stop, announce: announce) {
                    try await self.context.store.take([number])
                }
                guard let state = states?.first else { return }
                if try await start(state, description, again: true) != nil { return }
                guard !stop.isFired, let next = lanes.withLock({ $0[number] }) else { return }
                lane = next
                try await assign()
                context.progress.enter(.running)
            }
        }
    }

    /// Finds where the lane goes on and makes it ready.
    /// - Returns: why it must not be processed.
    private func start(
        _ state: LaneState, _ description: LogDescription, again: Bool
    ) async throws -> String? {
        context.progress.took(state.claim, again: again)
        // All source topics have the same number: `describe` insists.
        let width = description.partitions.values.max() ?? 1
        let lane = OwnedLane(state, context: context, width: width, stop: stop)
        _ = lanes.withLock { $0.removeValue(forKey: lane.number) }
        var steps: [String: OffsetStep] = [:]
        for source in context.sources {
            let partition = TopicPartition(topic: source.name, partition: lane.number)
            let watermarks = try await context.retrying(.log, stop: stop, announce: announce) {
                try await self.context.member.watermarks(of: partition)
            }
            guard let watermarks else { return nil }
            switch StartPosition.resolve(
                partition, stored: state.offsets[source.name], watermarks: watermarks,
                clusterID: description.clusterID, policy: context.startPolicy)
            {
            case .stored: break
            case .first(let offset):
                steps[source.name] = OffsetStep(from: nil, to: offset, clusterID: description.clusterID)
            case .refused(let reason):
                context.progress.refused(lane.number, because: reason)
                return reason
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
        lane.rewind()
        lanes.withLock { $0[lane.number] = lane }
        return nil
    }

    private func measureLag() async throws {
        while true {
            try await context.clock.sleep(for: context.limits.lagInterval)
            for lane in held {
                var lag: Int64 = 0
                let offsets = lane.state.offsets
                for source in context.sources {
                    let partition = TopicPartition(topic: source.name, partition: lane.number)
                    // A measurement may fail: the next one comes soon, and what fails for good fails elsewhere too.
                    let end = try? await context.member.watermarks(of: partition).upperBound
                    lag += max(0, (end ?? 0) - (offsets[source.name]?.next ?? 0))
                }
                context.progress.measured(
                    lane: lane.number, lagRecords: lag, now: context.clock.uptime,
                    nowMilliseconds: context.clock.nowMilliseconds)
            }
        }
    }

    // MARK: Checks

    private func announce(_ wait: WorkerStatus.State?) {
        if let wait { context.progress.enter(wait) }
    }

    /// Describes the source topics and insists on one number of partitions, the same as ever.
    private func describe() async throws -> LogDescription? {
        let topics = context.sources.map(\.name)
        let description = try await context.retrying(.log, stop: stop, announce: announce) {
            try await self.context.member.describe(topics: topics)
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
