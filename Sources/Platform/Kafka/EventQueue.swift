internal import CLibrdkafka

/// Owns a reference to a `rd_kafka_queue_t`, and the client it belongs to.
@safe final class EventQueue: @unchecked Sendable {
    // Sendable: librdkafka guards every queue with its own lock.
    let pointer: OpaquePointer
    /// Queues must be destroyed before their client.
    private let client: KafkaHandle

    /// - Parameter make: gives a queue whose reference becomes ours.
    init(_ client: KafkaHandle, _ make: (OpaquePointer) -> OpaquePointer?) throws(KafkaError) {
        guard let queue = unsafe make(client.pointer) else { throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG) }
        unsafe pointer = queue
        self.client = client
    }

    deinit {
        unsafe rd_kafka_queue_destroy(pointer)
    }

    /// Waits for one event. Keeps the group membership alive (`max.poll.interval.ms`).
    func poll(milliseconds: Int32) -> Event? {
        guard let event = unsafe rd_kafka_queue_poll(pointer, milliseconds) else { return nil }
        return unsafe Event(adopting: event)
    }

    /// Makes the running or the next ``poll(milliseconds:)`` return at once.
    func wake() {
        unsafe rd_kafka_queue_yield(pointer)
    }
}

/// Owns one event of a queue.
@safe struct Event: ~Copyable {
    let pointer: OpaquePointer

    init(adopting pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
    }

    deinit {
        unsafe rd_kafka_event_destroy(pointer)
    }

    var type: Int32 { unsafe rd_kafka_event_type(pointer) }

    var error: KafkaError? {
        let code = unsafe rd_kafka_event_error(pointer)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        let text = unsafe rd_kafka_event_error_string(pointer).map { unsafe String(cString: $0) }
        return KafkaError(code, text: text, isFatal: unsafe rd_kafka_event_error_is_fatal(pointer) != 0)
    }
}
