internal import CLibrdkafka

/// One asynchronous admin request of librdkafka, made synchronous. Runs on a blocking thread.
struct AdminRequest: Sendable {
    let client: KafkaHandle
    let operation: rd_kafka_admin_op_t
    /// The type of the answer's event.
    let answer: Int32
    let timeout: Duration

    /// Submits, waits for the answer and decodes it while it lives.
    /// - Throws: the error of the whole request; errors of single topics are for `decode`.
    func run<Value>(
        submit: (_ options: OpaquePointer?, _ queue: OpaquePointer) -> Void,
        decode: (_ event: OpaquePointer) throws(KafkaError) -> Value
    ) throws(KafkaError) -> Value {
        let queue = try unsafe EventQueue(client) { unsafe rd_kafka_queue_new($0) }
        let options = unsafe rd_kafka_AdminOptions_new(client.pointer, operation)
        defer { unsafe rd_kafka_AdminOptions_destroy(options) }
        var text = [CChar](repeating: 0, count: 512)
        try KafkaError.check(
            unsafe rd_kafka_AdminOptions_set_request_timeout(options, timeout.milliseconds, &text, text.count))
        unsafe submit(options, queue.pointer)
        // librdkafka itself answers when the time is over; the margin only covers its own delays.
        let patience = Int32(clamping: Int64(timeout.milliseconds) + 5000)
        guard let event = queue.poll(milliseconds: patience) else { throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT) }
        if let error = event.error { throw Self.explained(error) }
        guard event.type == answer else { throw KafkaError(RD_KAFKA_RESP_ERR__FAIL) }
        return try unsafe decode(event.pointer)
    }

    /// Says in words that the broker lacks the request.
    static func explained(_ error: KafkaError) -> KafkaError {
        guard error.isUnsupportedByBroker else { return error }
        var error = error
        error.text = "unsupported by this broker (the development broker answers no admin requests)"
        return error
    }
}

extension KafkaAdmin {
    /// Runs an admin request off the cooperative pool.
    func request<Value: Sendable>(
        _ operation: rd_kafka_admin_op_t, answer: Int32,
        _ body: @escaping @Sendable (AdminRequest) throws(KafkaError) -> Value
    ) async throws -> Value {
        let request = AdminRequest(client: client, operation: operation, answer: answer, timeout: timeout)
        return try await BlockingCalls.run { () throws(KafkaError) in try body(request) }
    }
}
