internal import CLibrdkafka
internal import Records

/// Owns a `rd_kafka_topic_partition_list_t`.
@safe struct TopicPartitionList: ~Copyable {
    let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    init(_ positions: [TopicPartition: Int64]) {
        unsafe pointer = rd_kafka_topic_partition_list_new(Int32(positions.count))
        for (partition, offset) in positions.sorted(by: { $0.key < $1.key }) {
            let element = unsafe rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.partition)
            unsafe element?.pointee.offset = offset
        }
    }

    /// Names of topics, for a subscription.
    init(topics: [String]) {
        unsafe pointer = rd_kafka_topic_partition_list_new(Int32(topics.count))
        for topic in topics {
            _ = unsafe rd_kafka_topic_partition_list_add(pointer, topic, RD_KAFKA_PARTITION_UA)
        }
    }

    deinit {
        unsafe rd_kafka_topic_partition_list_destroy(pointer)
    }

    struct Element {
        var partition: TopicPartition
        var offset: Int64
        var error: KafkaError?
    }

    /// Copies a list that stays librdkafka's.
    static func elements(of list: UnsafePointer<rd_kafka_topic_partition_list_t>?) -> [Element] {
        guard let list = unsafe list, let elements = unsafe list.pointee.elems else { return [] }
        return unsafe UnsafeBufferPointer(start: elements, count: Int(list.pointee.cnt)).map { element in
            Element(
                partition: TopicPartition(
                    topic: unsafe String(cString: element.topic), partition: unsafe element.partition),
                offset: unsafe element.offset,
                error: unsafe element.err == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : unsafe KafkaError(element.err))
        }
    }
}
