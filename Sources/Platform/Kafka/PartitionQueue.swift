internal import CLibrdkafka
internal import Records
internal import Synchronization

/// The records of one partition during one assignment.
///
/// Owns a reference to the partition's queue. After ``close()`` it gives nothing any more, so a record of this
/// assignment cannot appear in a later one.
@safe final class PartitionQueue: @unchecked Sendable {
    // Sendable: everything mutable is in `state`, behind its Mutex; `signal` and the constants are Sendable.

    @safe private struct State {
        /// `nil` once closed.
        var queue: EventQueue?
        /// Ours to destroy. Messages taken from librdkafka that did not fit into the last batch.
        var carried: ArraySlice<UnsafeMutablePointer<rd_kafka_message_t>> = unsafe []
        /// Offsets below were handed out, hold no records, or lie before the assignment's start.
        var nextOffset: Int64
        /// The end lies beyond the last record handed out, and nobody was told yet.
        var hasPassedMarkers = false
        /// Moving average, to guess how many messages fit into the bytes asked for.
        var averageBytes = 1024
        var failure: KafkaError?
        /// The end of the partition, met after records and to be told next.
        var end: Int64?
    }

    let partition: TopicPartition
    /// Whether every end of the partition is told, or only one that moves ``position``.
    private let tellsEnds: Bool
    /// Fires when records may have come, and on closing.
    let signal = Signal()
    private let state: Mutex<State>

    /// Detaches the partition's queue from the consumer queue. Must come before the assignment.
    /// - Parameter start: the position of the assignment; negative for a logical one.
    convenience init(_ client: KafkaHandle, _ partition: TopicPartition, start: Int64) throws(KafkaError) {
        let queue = try unsafe EventQueue(client) { client in
            unsafe rd_kafka_queue_get_partition(client, partition.topic, partition.partition)
        }
        unsafe rd_kafka_queue_forward(queue.pointer, nil)
        self.init(partition, queue: queue, start: start, tellsEnds: false)
    }

    /// Takes records from a queue that nothing else reads.
    init(_ partition: TopicPartition, queue: EventQueue, start: Int64, tellsEnds: Bool) {
        self.partition = partition
        self.tellsEnds = tellsEnds
        state = unsafe Mutex(State(queue: queue, nextOffset: max(start, 0)))
        // The callback runs under the queue's lock when the queue stops being empty; `signal` lives as long as the queue
        // object, and close() unregisters under the same lock.
        unsafe rd_kafka_queue_cb_event_enable(
            queue.pointer,
            { _, context in
                guard let context = unsafe context else { return }
                unsafe Unmanaged<Signal>.fromOpaque(context).takeUnretainedValue().fire()
            }, Unmanaged.passUnretained(signal).toOpaque())
    }

    deinit {
        close()
    }

    /// Stops for good: destroys what is queued and wakes who waits. May be called twice.
    func close() {
        state.withLock { state in
            guard let queue = state.queue else { return }
            unsafe rd_kafka_queue_cb_event_enable(queue.pointer, nil, nil)
            unsafe state.carried.forEach { unsafe rd_kafka_message_destroy($0) }
            unsafe state.carried = []
            while let messages = unsafe Self.take(1000, from: queue), unsafe !messages.isEmpty {
                unsafe messages.forEach { unsafe rd_kafka_message_destroy($0) }
            }
            state.queue = nil
        }
        signal.fire()
    }

    /// The offset after the last record handed out, or the end of the partition if only markers of transactions lie
    /// between; `nil` once closed.
    var position: Int64? {
        state.withLock { $0.queue == nil ? nil : $0.nextOffset }
    }

    /// Whether nothing waits that was fetched.
    var isDrained: Bool {
        state.withLock { state in
            guard let queue = state.queue else { return true }
            return unsafe state.carried.isEmpty && rd_kafka_queue_length(queue.pointer) == 0
        }
    }

    var isClosed: Bool { state.withLock { $0.queue == nil } }

    /// Whether ``drain(into:maximumRecords:)`` has anything to give or to throw.
    var hasSomething: Bool {
        state.withLock { state in
            guard let queue = state.queue else { return false }
            if state.failure != nil || state.end != nil || state.hasPassedMarkers { return true }
            // The length also counts what is no message, as after an assignment: only taking one tells.
            while unsafe !state.carried.isEmpty || rd_kafka_queue_length(queue.pointer) > 0 {
                if unsafe state.carried.isEmpty {
                    guard let messages = unsafe Self.take(1, from: queue), unsafe !messages.isEmpty else {
                        return false
                    }
                    unsafe state.carried = messages[...]
                }
                guard !tellsEnds, let message = unsafe state.carried.first,
                    unsafe message.pointee.err == RD_KAFKA_RESP_ERR__PARTITION_EOF,
                    unsafe message.pointee.offset <= state.nextOffset
                else { return true }
                unsafe state.carried.removeFirst()
                unsafe rd_kafka_message_destroy(message)
            }
            return false
        }
    }

    enum Outcome {
        case taken
        /// The reader has come to the end of the partition, at this offset.
        case end(Int64)
        case closed
    }

    /// Moves what is at hand into `batch`, in offset order, never blocking.
    ///
    /// Takes at least one record when one is there, whatever its size; stops at the limits.
    /// - Throws: the partition's error, after the records before it have been handed out.
    func drain(into batch: inout RecordBatch, maximumRecords: Int) throws(KafkaError) -> Outcome {
        let result = state.withLock { state -> Result<Outcome, KafkaError> in
            guard let queue = state.queue else { return .success(.closed) }
            if let failure = state.failure {
                state.failure = nil
                return .failure(failure)
            }
            if let end = state.end {
                state.end = nil
                return .success(.end(end))
            }
            state.hasPassedMarkers = false
            var remaining = maximumRecords
            while remaining > 0, !batch.isFull {
                if unsafe state.carried.isEmpty {
                    let guess = max(1, min(batch.remainingBytes / state.averageBytes, remaining, 500))
                    guard let messages = unsafe Self.take(guess, from: queue), unsafe !messages.isEmpty else { break }
                    unsafe state.carried = messages[...]
                }
                guard let message = unsafe state.carried.popFirst() else { break }
                defer { unsafe rd_kafka_message_destroy(message) }
                if unsafe message.pointee.err == RD_KAFKA_RESP_ERR__PARTITION_EOF {
                    let end = unsafe message.pointee.offset
                    guard tellsEnds else {
                        state.hasPassedMarkers = end > state.nextOffset
                        state.nextOffset = max(state.nextOffset, end)
                        continue
                    }
                    if batch.records.isEmpty { return .success(.end(end)) }
                    state.end = end
                    break
                }
                if unsafe message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR {
                    let text = unsafe rd_kafka_message_errstr(message).map { unsafe String(cString: $0) }
                    let failure = KafkaError(unsafe message.pointee.err, text: "\(partition): \(text ?? "")")
                    if batch.records.isEmpty { return .failure(failure) }
                    state.failure = failure
                    break
                }
                let record = unsafe Record(copying: message, of: partition)
                if record.offset < state.nextOffset { continue }
                state.nextOffset = record.offset + 1
                let bytes = record.byteCount
                state.averageBytes = max(1, (state.averageBytes * 15 + bytes) / 16)
                batch.append(record, bytes: bytes)
                remaining -= 1
            }
            return .success(.taken)
        }
        return try result.get()
    }

    /// Keeps an error for the next ``drain(into:maximumRecords:)``.
    func put(back failure: KafkaError) {
        state.withLock { $0.failure = failure }
        signal.fire()
    }

    /// Takes up to `count` messages without waiting.
    private static func take(
        _ count: Int, from queue: EventQueue
    ) -> [UnsafeMutablePointer<rd_kafka_message_t>]? {
        let messages = unsafe [UnsafeMutablePointer<rd_kafka_message_t>?](unsafeUninitializedCapacity: count) {
            buffer, initialized in
            unsafe buffer.initialize(repeating: nil)
            initialized = unsafe max(0, rd_kafka_consume_batch_queue(queue.pointer, 0, buffer.baseAddress, count))
        }
        return unsafe messages.compactMap { unsafe $0 }
    }
}

/// Records on their way to the caller of a fetch, within its limits.
struct RecordBatch {
    private(set) var records: [Record] = []
    private(set) var remainingBytes: Int
    private let maximumRecords: Int

    init(maximumRecords: Int, maximumBytes: Int) {
        self.maximumRecords = max(1, maximumRecords)
        remainingBytes = max(1, maximumBytes)
    }

    var remainingRecords: Int { maximumRecords - records.count }

    var isFull: Bool { remainingBytes <= 0 || remainingRecords <= 0 }

    mutating func append(_ record: Record, bytes: Int) {
        records.append(record)
        remainingBytes -= bytes
    }
}
