internal import CLibrdkafka
internal import Logging
internal import Records
internal import Synchronization

/// What the consumer's thread, its fetches and its owner share.
final class ConsumerCore: Sendable {
    private struct State {
        var queues: [TopicPartition: PartitionQueue] = [:]
        /// `nil` when all partitions may fetch at the same time.
        var turns: FetchTurns?
        /// Ends of the partitions when they were assigned, as far as known.
        var ends: [TopicPartition: Int64] = [:]
        /// A revocation has been announced and not been answered.
        var isRevoking = false
    }

    let loop: EventLoop
    let rebalances = Mailbox<KafkaConsumer.Rebalance>()
    let requests: ClientRequests
    private let client: KafkaHandle
    private let events: ClientEvents
    private let state = Mutex(State())
    private let hints = Mutex(PositionHints())
    private let isWaking = Atomic(false)
    private let memory: FetchMemory
    /// What one partition may have waiting, by `memory`.
    private let share: Int

    init(
        _ configuration: KafkaConfiguration, group: String, partitions: Int, memory: FetchMemory, logger: Logger
    ) throws(KafkaConfigurationFaults) {
        self.memory = memory
        share = memory.queued(partitions: partitions)
        client = try ClientConfiguration(
            configuration, role: .consumer(group: group),
            defaults: memory.properties(partitions: partitions, under: configuration.properties),
            optional: FetchMemory.optionalProperties
        ).makeHandle()
        // Logs and errors come with the membership events, all from one queue.
        unsafe rd_kafka_poll_set_consumer(client.pointer)
        do throws(KafkaError) {
            let queue = try unsafe EventQueue(client) { unsafe rd_kafka_queue_get_consumer($0) }
            unsafe rd_kafka_set_log_queue(client.pointer, queue.pointer)
            loop = EventLoop(queue: queue)
        } catch {
            throw KafkaConfigurationFaults(faults: [.init(property: "group.id", reason: error.text)])
        }
        events = ClientEvents(logger: logger)
        requests = ClientRequests(client: client, events: events)
        loop.start(name: "kafka-consumer") { [self] event in
            serve(event)
        } tick: { [self] in
            passTurns { $0.tick(now: .now) }
            tell(hints.withLock { $0.due(.now) })
        } finally: { [self] in
            leave()
        }
    }

    func stop() {
        loop.stop()
    }

    func subscribe(to topics: [String]) async throws(KafkaError) {
        let client = client
        try await loop.perform { () throws(KafkaError) in
            let list = TopicPartitionList(topics: topics)
            try KafkaError.check(unsafe rd_kafka_subscribe(client.pointer, list.pointer))
        }
    }

    func queues(of partitions: [TopicPartition]) -> [PartitionQueue] {
        state.withLock { state in partitions.compactMap { state.queues[$0] } }
    }

    func commit(_ positions: [TopicPartition: Int64]) { hints.withLock { $0.add(positions) } }

    private func tell(_ positions: [TopicPartition: Int64]) {
        if positions.isEmpty { return }
        let list = TopicPartitionList(positions)
        // Asynchronous: the outcome comes as an event and is only logged.
        _ = unsafe rd_kafka_commit(client.pointer, list.pointer, 1)
    }

    /// Called when these queues are empty: asks the broker for more if it is known to have more.
    ///
    /// librdkafka 2.0.2 lets its broker thread sleep for up to a second once the queues of all partitions have been full,
    /// and does not wake it when they are emptied. A request to the partition's leader does, and the thread then looks
    /// at the queues again. At most one such request is under way.
    func wakeFetcher(for queues: [PartitionQueue]) {
        guard let partition = queues.first(where: hasMore)?.partition else { return }
        if isWaking.exchange(true, ordering: .acquiring) { return }
        BlockingCalls.post { [self] in
            // Only the round trip matters, not its answer.
            _ = try? client.offset(.end, of: partition, timeout: .seconds(1))
            isWaking.store(false, ordering: .releasing)
        }
    }

    /// Whether the last answer of the broker told of records beyond those handed out. Looks at memory only.
    private func hasMore(_ queue: PartitionQueue) -> Bool {
        queue.position.map { (end(of: queue.partition) ?? $0) > $0 } ?? false
    }

    /// The end of the partition, by the last answer of the broker; `nil` before there was one. Looks at memory only.
    private func end(of partition: TopicPartition) -> Int64? {
        var low: Int64 = 0
        var high: Int64 = 0
        let result = unsafe rd_kafka_get_watermark_offsets(
            client.pointer, partition.topic, partition.partition, &low, &high)
        return result == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? high : nil
    }

    // MARK: Turns

    /// Called after records were taken: the partition may have had its turn.
    func took(_ bytes: Int, of queue: PartitionQueue) {
        guard let known = state.withLock({ state in state.turns.map { _ in state.ends[queue.partition] ?? 0 } }),
            let position = queue.position
        else { return }
        let backlog = max(end(of: queue.partition) ?? known, known) - position
        let isDrained = queue.isDrained
        passTurns { $0.took(bytes, of: queue.partition, isEmpty: isDrained, backlog: backlog, now: .now) }
    }

    /// Pauses and resumes as the turns say, in one go: an assignment must not come in between.
    private func passTurns(_ decide: (inout FetchTurns) -> FetchTurns.Change) {
        state.withLock { state in
            guard var turns = state.turns else { return }
            let change = decide(&turns)
            state.turns = turns
            pause(change.pause)
            resume(change.resume)
        }
    }

    /// A pause drops what was fetched; fetching goes on after the last record taken.
    private func pause(_ partitions: [TopicPartition]) {
        if partitions.isEmpty { return }
        let list = TopicPartitionList(Dictionary(uniqueKeysWithValues: partitions.map { ($0, 0) }))
        _ = unsafe rd_kafka_pause_partitions(client.pointer, list.pointer)
    }

    private func resume(_ partitions: [TopicPartition]) {
        if partitions.isEmpty { return }
        let list = TopicPartitionList(Dictionary(uniqueKeysWithValues: partitions.map { ($0, 0) }))
        _ = unsafe rd_kafka_resume_partitions(client.pointer, list.pointer)
    }

    // MARK: On the consumer's thread

    func assign(_ positions: [TopicPartition: Int64], ends: [TopicPartition: Int64]) throws(KafkaError) {
        closeQueues()
        if state.withLock({ $0.isRevoking }) { return }
        var queues: [TopicPartition: PartitionQueue] = [:]
        for (partition, offset) in positions {
            queues[partition] = try PartitionQueue(client, partition, start: offset)
        }
        let turns =
            positions.count > memory.partitionsAtOnce
            ? FetchTurns(
                limit: memory.partitionsAtOnce, share: share,
                backlogs: positions.reduce(into: [:]) { $0[$1.key] = (ends[$1.key] ?? 0) - $1.value }, now: .now)
            : nil
        // librdkafka remembers a pause beyond the assignment.
        pause(turns?.resting ?? [])
        let resting = Set(turns?.resting ?? [])
        resume(positions.keys.filter { !resting.contains($0) })
        let list = TopicPartitionList(positions)
        try KafkaError.check(unsafe rd_kafka_assign(client.pointer, list.pointer))
        state.withLock { state in
            state.queues = queues
            state.turns = turns
            state.ends = ends
        }
    }

    func unassign() throws(KafkaError) {
        tell(hints.withLock { $0.take(.now) })
        let result = unsafe rd_kafka_assign(client.pointer, nil)
        closeQueues()
        state.withLock { $0.isRevoking = false }
        try KafkaError.check(result)
    }

    private func closeQueues() {
        let queues = state.withLock { state in
            state.turns = nil
            defer { state.queues = [:] }
            return state.queues
        }
        for queue in queues.values { queue.close() }
    }

    private func serve(_ event: consuming Event) {
        switch event.type {
        case RD_KAFKA_EVENT_REBALANCE:
            events.brokerAnswered()
            rebalance(event)
        case RD_KAFKA_EVENT_OFFSET_COMMIT:
            if let error = event.error {
                if error.code != RD_KAFKA_RESP_ERR__NO_OFFSET.rawValue {
                    events.logger.debug("An offset commit failed", metadata: ["kafka.error": "\(error)"])
                }
            } else {
                events.brokerAnswered()
            }
        case RD_KAFKA_EVENT_ERROR:
            events.log(event)
            if let fatal = client.fatalError { rebalances.fail(fatal) }
        default:
            events.log(event)
        }
    }

    private func rebalance(_ event: borrowing Event) {
        let partitions = unsafe TopicPartitionList.elements(
            of: rd_kafka_event_topic_partition_list(event.pointer)
        ).map(\.partition).sorted()
        if event.error?.code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS.rawValue {
            rebalances.send(.assigned(partitions))
        } else {
            state.withLock { $0.isRevoking = true }
            let isLost = unsafe rd_kafka_assignment_lost(client.pointer) != 0
            rebalances.send(isLost ? .lost(partitions) : .revoked(partitions))
        }
    }

    private func leave() {
        tell(hints.withLock { $0.take(.now) })
        _ = unsafe rd_kafka_assign(client.pointer, nil)
        closeQueues()
        // Sends the leave request; answers a revocation by itself.
        unsafe rd_kafka_consumer_close(client.pointer)
        rebalances.finish()
    }
}
