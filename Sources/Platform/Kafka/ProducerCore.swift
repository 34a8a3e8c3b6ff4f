internal import CLibrdkafka
internal import Logging
internal import Records
internal import Synchronization

/// What the producer's thread and its callers share.
final class ProducerCore: Sendable {
    let loop: EventLoop
    /// Fires when the queue may have room again.
    let room = Signal()
    private let client: KafkaHandle
    private let topics: TopicHandles
    private let events: ClientEvents
    var isReachable: Bool { events.isReachable }
    private let outstanding = Atomic(0)
    private let failure = Mutex<KafkaError?>(nil)
    /// What `failure` is worth asking for.
    private let hasFailed = Atomic(false)
    /// `queue.buffering.max.kbytes` in bytes.
    private let queueBytes: Int

    init(_ configuration: KafkaConfiguration, logger: Logger) throws(KafkaConfigurationFaults) {
        client = try ClientConfiguration(configuration, role: .producer).makeHandle()
        topics = TopicHandles(client)
        events = ClientEvents(logger: logger)
        queueBytes = client.number("queue.buffering.max.kbytes") << 10
        do throws(KafkaError) {
            let queue = try unsafe EventQueue(client) { unsafe rd_kafka_queue_get_main($0) }
            unsafe rd_kafka_set_log_queue(client.pointer, queue.pointer)
            loop = EventLoop(queue: queue, gathering: 300)
        } catch {
            throw KafkaConfigurationFaults(faults: [.init(property: "", reason: error.text)])
        }
        loop.start(name: "kafka-producer") { [self] event in
            serve(event)
        } finally: { [self] in
            finish()
        }
    }

    var fatalError: KafkaError? { hasFailed.load(ordering: .acquiring) ? failure.withLock { $0 } : nil }

    /// Hands the records from `first` on to librdkafka, which copies them, in order, until its queue is full.
    /// - Returns: how many were accepted.
    /// - Throws: why a record can't be accepted; those before it are on their way.
    func offer(
        _ records: OutgoingBatch, from first: Int, of publication: KafkaPublication
    ) throws(KafkaError) -> Int {
        // Counted before the look at `failure`, so that ``finish()`` either is seen here or sees the records.
        let count = records.count - first
        outstanding.add(count, ordering: .relaxed)
        publication.expect(count)
        var accepted = 0
        defer {
            publication.withdraw(count - accepted)
            outstanding.subtract(count - accepted, ordering: .relaxed)
        }
        var topics = RouteTopics(of: records, from: self.topics)
        let failure = unsafe records.withMemory { memory -> KafkaError? in
            let request = unsafe ProduceRequest(
                client: client.pointer, records: records, memory: memory,
                context: Unmanaged.passUnretained(publication).toOpaque())
            for entry in records.entries[first...] {
                if let error = publication.failure ?? fatalError ?? tooLarge(entry, records) { return error }
                do throws(KafkaError) {
                    try unsafe request.send(entry, to: topics.pointer(of: entry.route))
                } catch {
                    return error.code == RD_KAFKA_RESP_ERR__QUEUE_FULL.rawValue ? nil : error
                }
                accepted += 1
            }
            return nil
        }
        if let failure { throw failure }
        return accepted
    }

    /// It would wait for room for ever.
    private func tooLarge(_ entry: OutgoingBatch.Entry, _ records: OutgoingBatch) -> KafkaError? {
        guard entry.byteCount > queueBytes - records.routes[entry.route].headerBytes else { return nil }
        return KafkaError(
            RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
            text: "a record of \(entry.byteCount) bytes does not fit into queue.buffering.max.kbytes")
    }

    func close(timeout: Duration) async {
        let deadline = ContinuousClock.now + timeout
        let timer = Task { [self] in
            // Unstructured: closing goes on when the caller is cancelled. Ends with the deadline or the last report; a
            // cancelled sleep only ends it earlier.
            while outstanding.load(ordering: .acquiring) > 0, ContinuousClock.now < deadline {
                try? await Task.sleep(for: .milliseconds(10))
            }
        }
        await timer.value
        loop.stop()
        await loop.waitForEnd()
    }

    // MARK: On the producer's thread

    private func serve(_ event: consuming Event) {
        switch event.type {
        case RD_KAFKA_EVENT_DR:
            report(event)
        case RD_KAFKA_EVENT_ERROR:
            events.log(event)
            noticeFatalError()
        default:
            events.log(event)
        }
    }

    private func report(_ event: consuming Event) {
        var count = 0
        // Reports of one publication mostly come together: count them, then lock once.
        var run: (context: UnsafeMutableRawPointer, count: Int, failure: KafkaError?)?
        while let message = unsafe rd_kafka_event_message_next(event.pointer) {
            guard let context = unsafe message.pointee._private else { continue }
            count += 1
            let isAcknowledged = unsafe message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR
            let failure: KafkaError? = if isAcknowledged { nil } else { unsafe self.failure(of: message) }
            if let current = unsafe run, unsafe current.context == context && current.failure == failure {
                unsafe run = (context, current.count + 1, failure)
            } else {
                unsafe settle(run)
                unsafe run = (context, 1, failure)
            }
        }
        unsafe settle(run)
        // The records leave librdkafka's queue with their event: only then is there room.
        _ = consume event
        outstanding.subtract(count, ordering: .releasing)
        room.fire()
        events.brokerAnswered()
    }

    private func failure(of message: UnsafePointer<rd_kafka_message_t>) -> KafkaError {
        if fatalError == nil { noticeFatalError() }
        let topic = unsafe message.pointee.rkt.map { unsafe String(cString: rd_kafka_topic_name($0)) } ?? ""
        var error = unsafe KafkaError(message.pointee.err)
        // What brought the producer down says more than what became of the records beside it: they may be sent again.
        if !error.isRecordRefused, let fatal = fatalError, fatal.isFatal { error = fatal }
        error.text = "\(topic): \(error.text)"
        return error
    }

    private func settle(_ run: (context: UnsafeMutableRawPointer, count: Int, failure: KafkaError?)?) {
        guard let run = unsafe run else { return }
        // Alive: it waits for these very reports.
        let publication = unsafe Unmanaged<KafkaPublication>.fromOpaque(run.context).takeUnretainedValue()
        unsafe publication.report(run.count, failure: run.failure)
    }

    /// After a fatal error nothing moves any more: let every record that waits report its failure.
    private func noticeFatalError() {
        guard let error = client.fatalError else { return }
        let isNew = failure.withLock { failure in
            defer { failure = error }
            return failure == nil
        }
        hasFailed.store(true, ordering: .releasing)
        guard isNew else { return }
        events.logger.warning("The Kafka producer must be made anew", metadata: ["kafka.error": "\(error)"])
        purge()
        room.fire()
    }

    private func purge() {
        unsafe rd_kafka_purge(
            client.pointer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING)
    }

    /// Lets nobody wait for ever: what has not been acknowledged fails now.
    private func finish() {
        failure.withLock { $0 = $0 ?? .closed }
        hasFailed.store(true, ordering: .releasing)
        room.fire()
        // A purge is answered from memory; the deadline only keeps a defect of the library from holding the thread.
        let deadline = ContinuousClock.now + .seconds(10)
        while outstanding.load(ordering: .acquiring) > 0, ContinuousClock.now < deadline {
            // Again each time: an offer that was let in before may reach the queue only now.
            purge()
            if let event = loop.queue.poll(milliseconds: 100) { serve(event) }
        }
    }
}
