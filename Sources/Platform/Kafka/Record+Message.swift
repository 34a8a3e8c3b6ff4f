internal import CLibrdkafka
internal import Records

extension Record {
    /// Copies a message without error. Null and empty stay different; nothing in it can trap.
    init(copying message: UnsafeMutablePointer<rd_kafka_message_t>, of partition: TopicPartition) {
        var timestampKind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let timestamp = unsafe rd_kafka_message_timestamp(message, &timestampKind)
        unsafe self.init(
            topic: partition.topic, partition: partition.partition, offset: message.pointee.offset,
            timestampMilliseconds: timestampKind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || timestamp < 0 ? nil : timestamp,
            key: Self.bytes(message.pointee.key, message.pointee.key_len),
            value: Self.bytes(message.pointee.payload, message.pointee.len),
            headers: Self.headers(of: message))
    }

    private static func bytes(_ start: UnsafeRawPointer?, _ count: Int) -> [UInt8]? {
        guard let start = unsafe start else { return nil }
        return unsafe [UInt8](copying: UnsafeRawBufferPointer(start: start, count: count))
    }

    private static func headers(of message: UnsafeMutablePointer<rd_kafka_message_t>) -> [Header] {
        var list: OpaquePointer?
        // The list stays the message's. An error means headers that can't be parsed; the record is still a record.
        guard unsafe rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list = unsafe list
        else {
            return []
        }
        var headers: [Header] = []
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while unsafe rd_kafka_header_get_all(list, headers.count, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
            headers.append(
                Header(unsafe name.map { unsafe String(cString: $0) } ?? "", unsafe bytes(value, size)))
        }
        return headers
    }
}
