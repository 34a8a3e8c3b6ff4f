internal import CLibrdkafka

/// librdkafka's mock cluster: brokers in this process that speak Kafka's protocol on local ports.
///
/// For laptops and tests. Keeps about 5 MB per partition and forgets everything when the object goes; answers no admin
/// requests. A topic nobody created gets 4 partitions when it is first asked for.
@safe package final class MockCluster: @unchecked Sendable {
    // Sendable: librdkafka's mock functions hand their work to the cluster's own thread and wait for it.
    private let pointer: OpaquePointer
    /// The client the cluster lives in; destroyed after it.
    private let client: KafkaHandle
    package let bootstrapServers: String
    package let brokerCount: Int32

    package init(brokers: Int32 = 1) throws {
        client = try ClientConfiguration(KafkaConfiguration([:]), role: .admin).makeHandle()
        guard let cluster = unsafe rd_kafka_mock_cluster_new(client.pointer, brokers) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__FAIL, text: "the mock cluster can't open its ports")
        }
        unsafe pointer = cluster
        unsafe bootstrapServers = String(cString: rd_kafka_mock_cluster_bootstraps(cluster))
        brokerCount = brokers
    }

    deinit {
        unsafe rd_kafka_mock_cluster_destroy(pointer)
    }

    package func createTopic(_ name: String, partitions: Int32) throws(KafkaError) {
        try KafkaError.check(unsafe rd_kafka_mock_topic_create(pointer, name, partitions, 1))
    }

    /// Kafka's numbers of requests, for fault injection.
    package enum Request: Int16, Sendable {
        case produce = 0
        case fetch = 1
        case listOffsets = 2
        case metadata = 3
        case offsetCommit = 8
        case offsetFetch = 9
        case findCoordinator = 10
        case joinGroup = 11
        case heartbeat = 12
        case initProducerId = 22
    }

    /// The next requests of this kind are answered with these errors (numbers of the broker), one each.
    package func fail(_ request: Request, with codes: [Int32]) {
        let errors = codes.map { rd_kafka_resp_err_t(rawValue: $0) }
        unsafe errors.withUnsafeBufferPointer { buffer in
            unsafe rd_kafka_mock_push_request_errors_array(pointer, request.rawValue, buffer.count, buffer.baseAddress)
        }
    }

    package func setDown(broker: Int32) throws(KafkaError) {
        try KafkaError.check(unsafe rd_kafka_mock_broker_set_down(pointer, broker))
    }

    package func setUp(broker: Int32) throws(KafkaError) {
        try KafkaError.check(unsafe rd_kafka_mock_broker_set_up(pointer, broker))
    }

    /// Delays every answer of the broker.
    package func setRoundTrip(broker: Int32, milliseconds: Int32) throws(KafkaError) {
        try KafkaError.check(unsafe rd_kafka_mock_broker_set_rtt(pointer, broker, milliseconds))
    }
}
