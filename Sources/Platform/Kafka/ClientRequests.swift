internal import CLibrdkafka
internal import Records

/// Topics and brokers of a cluster.
package struct KafkaMetadata: Sendable, Equatable {
    /// `nil` when the broker gives none.
    package var clusterID: String?
    /// Number of partitions of every topic that can be seen.
    package var partitions: [String: Int32]
    /// Copies of each partition, the fewest of any, of every topic that can be seen.
    package var replicas: [String: Int32]
    package var brokers: [Broker]

    package struct Broker: Sendable, Equatable {
        package var id: Int32
        package var host: String
        package var port: Int32
    }
}

/// Synchronous requests every kind of client can make; each runs off the cooperative pool.
struct ClientRequests: Sendable {
    let client: KafkaHandle
    let events: ClientEvents

    /// librdkafka answers by itself when the time is over; the margin is for its delays and for a free thread.
    static let margin = Duration.seconds(5)

    func watermarks(of partition: TopicPartition, timeout: Duration) async throws -> Range<Int64> {
        let client = client
        let range = try await BlockingCalls.run(within: timeout * 2 + Self.margin) { () throws(KafkaError) in
            let low = try client.offset(.beginning, of: partition, timeout: timeout)
            let high = try client.offset(.end, of: partition, timeout: timeout)
            return low..<max(low, high)
        }
        events.brokerAnswered()
        return range
    }

    func metadata(timeout: Duration) async throws -> KafkaMetadata {
        let client = client
        let metadata = try await BlockingCalls.run(within: timeout * 2 + Self.margin) { () throws(KafkaError) in
            var pointer: UnsafePointer<rd_kafka_metadata>?
            try KafkaError.check(
                unsafe rd_kafka_metadata(client.pointer, 1, nil, &pointer, timeout.milliseconds))
            guard let pointer = unsafe pointer else { throw KafkaError(RD_KAFKA_RESP_ERR__FAIL) }
            defer { unsafe rd_kafka_metadata_destroy(pointer) }
            var metadata = unsafe KafkaMetadata(copying: pointer.pointee)
            if let id = unsafe rd_kafka_clusterid(client.pointer, timeout.milliseconds) {
                metadata.clusterID = unsafe String(cString: id)
                unsafe rd_kafka_mem_free(client.pointer, id)
            }
            return metadata
        }
        events.brokerAnswered()
        return metadata
    }
}

extension KafkaHandle {
    /// A place in a partition that only its leader knows; the number is Kafka's.
    enum LogEnd: Int64 {
        case beginning = -2
        case end = -1
    }

    /// Asks the partition's leader, and blocks up to `timeout`.
    ///
    /// `rd_kafka_query_watermark_offsets` would ask the same, but waits without limit while the leader is down
    /// (librdkafka 2.0.2 looks at its time-out only before it sends).
    func offset(_ end: LogEnd, of partition: TopicPartition, timeout: Duration) throws(KafkaError) -> Int64 {
        let list = TopicPartitionList([partition: end.rawValue])
        try KafkaError.check(unsafe rd_kafka_offsets_for_times(pointer, list.pointer, timeout.milliseconds))
        guard let element = unsafe TopicPartitionList.elements(of: list.pointer).first else {
            throw KafkaError(RD_KAFKA_RESP_ERR__FAIL)
        }
        if let error = element.error { throw error }
        return element.offset
    }
}

extension KafkaMetadata {
    init(copying metadata: rd_kafka_metadata) {
        self.init(clusterID: nil, partitions: [:], replicas: [:], brokers: [])
        let topics = unsafe UnsafeBufferPointer(start: metadata.topics, count: Int(metadata.topic_cnt))
        for index in topics.indices {
            let topic = unsafe topics[index]
            guard unsafe topic.err == RD_KAFKA_RESP_ERR_NO_ERROR, let name = unsafe topic.topic else { continue }
            partitions[unsafe String(cString: name)] = unsafe topic.partition_cnt
            let copies = unsafe UnsafeBufferPointer(start: topic.partitions, count: Int(topic.partition_cnt)).map {
                unsafe $0.replica_cnt
            }
            replicas[unsafe String(cString: name)] = copies.min()
        }
        let brokers = unsafe UnsafeBufferPointer(start: metadata.brokers, count: Int(metadata.broker_cnt))
        for index in brokers.indices {
            let broker = unsafe brokers[index]
            guard let host = unsafe broker.host else { continue }
            self.brokers.append(
                Broker(id: unsafe broker.id, host: unsafe String(cString: host), port: unsafe broker.port))
        }
    }
}

extension Duration {
    /// Whole milliseconds, at least 1, for librdkafka's time-outs.
    var milliseconds: Int32 {
        let (seconds, attoseconds) = components
        return Int32(
            clamping: max(
                1,
                seconds.multipliedReportingOverflow(by: 1000).partialValue
                    + attoseconds / 1_000_000_000_000_000))
    }
}
