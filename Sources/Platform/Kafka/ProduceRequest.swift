internal import CLibrdkafka
internal import Records

/// The call of `rd_kafka_produceva` for one record.
enum ProduceRequest {
    /// Copies the record into librdkafka's queue.
    /// - Parameter context: comes back with the delivery report.
    /// - Returns: why it was not accepted.
    static func send(
        _ record: OutgoingRecord, to client: OpaquePointer, context: UnsafeMutableRawPointer
    ) -> KafkaError? {
        let headers = unsafe makeHeaders(record.headers)
        let error = unsafe record.topic.withCString { topic in
            unsafe withBytes(record.key) { key in
                unsafe withBytes(record.value) { value in
                    var arguments = unsafe [
                        argument(RD_KAFKA_VTYPE_TOPIC) { unsafe $0.cstr = topic },
                        argument(RD_KAFKA_VTYPE_PARTITION) {
                            unsafe $0.i32 = record.partition ?? RD_KAFKA_PARTITION_UA
                        },
                        argument(RD_KAFKA_VTYPE_MSGFLAGS) { unsafe $0.i = RD_KAFKA_MSG_F_COPY },
                        argument(RD_KAFKA_VTYPE_KEY) { unsafe $0.mem = key },
                        argument(RD_KAFKA_VTYPE_VALUE) { unsafe $0.mem = value },
                        argument(RD_KAFKA_VTYPE_OPAQUE) { unsafe $0.ptr = context },
                    ]
                    if let headers = unsafe headers {
                        unsafe arguments.append(argument(RD_KAFKA_VTYPE_HEADERS) { unsafe $0.headers = headers })
                    }
                    return unsafe rd_kafka_produceva(client, &arguments, arguments.count)
                }
            }
        }
        guard let failure = unsafe KafkaError(adopting: error) else { return nil }
        // The headers stay ours when the record is not accepted.
        if let headers = unsafe headers { unsafe rd_kafka_headers_destroy(headers) }
        return failure
    }

    private typealias Memory = rd_kafka_vu_s.__Unnamed_union_u.__Unnamed_struct_mem

    private static func argument(
        _ type: rd_kafka_vtype_t, _ fill: (inout rd_kafka_vu_s.__Unnamed_union_u) -> Void
    ) -> rd_kafka_vu_t {
        var argument = unsafe rd_kafka_vu_t()
        unsafe argument.vtype = type
        unsafe fill(&argument.u)
        return unsafe argument
    }

    /// Null stays null, and empty is a pointer with length 0: librdkafka tells them apart by the pointer.
    private static func withBytes<Result>(
        _ bytes: [UInt8]?, _ body: (Memory) -> Result
    ) -> Result {
        guard let bytes else { return unsafe body(Memory(ptr: nil, size: 0)) }
        if bytes.isEmpty {
            var nothing: UInt8 = 0
            return unsafe withUnsafeMutableBytes(of: &nothing) { unsafe body(Memory(ptr: $0.baseAddress, size: 0)) }
        }
        return unsafe bytes.withUnsafeBytes { buffer in
            // librdkafka copies and never writes; its field is not const.
            unsafe body(Memory(ptr: UnsafeMutableRawPointer(mutating: buffer.baseAddress), size: buffer.count))
        }
    }

    private static func makeHeaders(_ headers: [Header]) -> OpaquePointer? {
        if headers.isEmpty { return nil }
        guard let list = unsafe rd_kafka_headers_new(headers.count) else { return nil }
        for header in headers {
            unsafe withBytes(header.value) { value in
                _ = unsafe rd_kafka_header_add(list, header.name, header.name.utf8.count, value.ptr, value.size)
            }
        }
        return unsafe list
    }
}
