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
        if needsController { try checkController() }
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

    private var needsController: Bool {
        [
            RD_KAFKA_ADMIN_OP_CREATETOPICS, RD_KAFKA_ADMIN_OP_DELETETOPICS, RD_KAFKA_ADMIN_OP_CREATEPARTITIONS,
            RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, RD_KAFKA_ADMIN_OP_ALTERCONFIGS,
        ].contains(operation)
    }

    /// librdkafka would wait for a controller until the time is over; the mock cluster
    /// names one that is not among its brokers.
    private func checkController() throws(KafkaError) {
        var pointer: UnsafePointer<rd_kafka_metadata>?
        try KafkaError.check(unsafe rd_kafka_metadata(client.pointer, 0, nil, &pointer, timeout.milliseconds))
        guard let pointer = unsafe pointer else { throw KafkaError(RD_KAFKA_RESP_ERR__FAIL) }
        defer { unsafe rd_kafka_metadata_destroy(pointer) }
        let metadata = unsafe KafkaMetadata(copying: pointer.pointee)
        let controller = unsafe rd_kafka_controllerid(client.pointer, min(timeout.milliseconds, 1000))
        if !metadata.brokers.contains(where: { $0.id == controller }) {
            throw Self.explained(KafkaError(RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE))
        }
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
        // Beside the answer's time-out: the look at the controller before it, and the margin after it.
        let limit = timeout * 3 + ClientRequests.margin
        return try await BlockingCalls.run(within: limit) { () throws(KafkaError) in try body(request) }
    }
}
