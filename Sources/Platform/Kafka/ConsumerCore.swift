internal import CLibrdkafka
internal import Logging
internal import Records
internal import Synchronization

/// What the consumer's thread, its fetches and its owner share.
final class ConsumerCore: Sendable {
    private struct State {
        var queues: [TopicPartition: PartitionQueue] = [:]
        /// A revocation has been announced and not been answered.
        var isRevoking = false
    }

    let loop: EventLoop
    let rebalances = Mailbox<KafkaConsumer.Rebalance>()
    let requests: ClientRequests
    private let client: KafkaHandle
    private let events: ClientEvents
    private let state = Mutex(State())
    private let isWaking = Atomic(false)

    init(
        _ configuration: KafkaConfiguration, group: String, partitions: Int, memory: FetchMemory, logger: Logger
    ) throws(KafkaConfigurationFaults) {
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

    func commit(_ positions: [TopicPartition: Int64]) {
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
        var low: Int64 = 0
        var high: Int64 = 0
        guard let position = queue.position,
            unsafe rd_kafka_get_watermark_offsets(
                client.pointer, queue.partition.topic, queue.partition.partition, &low, &high)
                == RD_KAFKA_RESP_ERR_NO_ERROR
        else { return false }
        return high > position
    }

    // MARK: On the consumer's thread

    func assign(_ positions: [TopicPartition: Int64]) throws(KafkaError) {
        closeQueues()
        if state.withLock({ $0.isRevoking }) { return }
        var queues: [TopicPartition: PartitionQueue] = [:]
        for (partition, offset) in positions {
            queues[partition] = try PartitionQueue(client, partition, start: offset)
        }
        let list = TopicPartitionList(positions)
        try KafkaError.check(unsafe rd_kafka_assign(client.pointer, list.pointer))
        state.withLock { $0.queues = queues }
    }

    func unassign() throws(KafkaError) {
        let result = unsafe rd_kafka_assign(client.pointer, nil)
        closeQueues()
        state.withLock { $0.isRevoking = false }
        try KafkaError.check(result)
    }

    private func closeQueues() {
        let queues = state.withLock { state in
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
        _ = unsafe rd_kafka_assign(client.pointer, nil)
        closeQueues()
        // Sends the leave request; answers a revocation by itself.
        unsafe rd_kafka_consumer_close(client.pointer)
        rebalances.finish()
    }
}
