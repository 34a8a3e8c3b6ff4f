internal import CLibrdkafka
internal import Records

/// The call of `rd_kafka_produceva` for one record.
enum ProduceRequest {
    /// Copies the record into librdkafka's queue.
    /// - Parameters:
    ///   - topic: the handle of the record's topic.
    ///   - context: comes back with the delivery report.
    /// - Returns: why it was not accepted.
    static func send(
        _ record: OutgoingRecord, to client: OpaquePointer, topic: OpaquePointer, context: UnsafeMutableRawPointer
    ) -> KafkaError? {
        let headers = unsafe makeHeaders(of: record)
        let error = unsafe withBytes(record.key) { key in
            unsafe withBytes(record.value) { value in
                // On the stack: an array would be allocated for each record.
                unsafe withUnsafeTemporaryAllocation(of: rd_kafka_vu_t.self, capacity: 7) { arguments in
                    unsafe arguments.initialize(repeating: rd_kafka_vu_t())
                    unsafe arguments[0].vtype = RD_KAFKA_VTYPE_RKT
                    unsafe arguments[0].u.rkt = topic
                    unsafe arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION
                    unsafe arguments[1].u.i32 = record.partition ?? RD_KAFKA_PARTITION_UA
                    unsafe arguments[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS
                    unsafe arguments[2].u.i = RD_KAFKA_MSG_F_COPY
                    unsafe arguments[3].vtype = RD_KAFKA_VTYPE_KEY
                    unsafe arguments[3].u.mem = key
                    unsafe arguments[4].vtype = RD_KAFKA_VTYPE_VALUE
                    unsafe arguments[4].u.mem = value
                    unsafe arguments[5].vtype = RD_KAFKA_VTYPE_OPAQUE
                    unsafe arguments[5].u.ptr = context
                    unsafe arguments[6].vtype = RD_KAFKA_VTYPE_HEADERS
                    unsafe arguments[6].u.headers = headers
                    let count = unsafe headers == nil ? 6 : 7
                    return unsafe rd_kafka_produceva(client, arguments.baseAddress, count)
                }
            }
        }
        guard let failure = unsafe KafkaError(adopting: error) else { return nil }
        // The headers stay ours when the record is not accepted.
        if let headers = unsafe headers { unsafe rd_kafka_headers_destroy(headers) }
        return failure
    }

    private typealias Memory = rd_kafka_vu_s.__Unnamed_union_u.__Unnamed_struct_mem

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

    private static func makeHeaders(of record: OutgoingRecord) -> OpaquePointer? {
        let count = record.headers.count + (record.number == nil ? 0 : 2)
        guard count > 0, let list = unsafe rd_kafka_headers_new(count) else { return nil }
        for header in record.headers {
            unsafe withBytes(header.value) { value in
                unsafe add(header.name, UnsafeRawPointer(value.ptr), value.size, to: list)
            }
        }
        if let number = record.number {
            var source = number.source
            source.withUTF8 { source in
                unsafe add(SourceNumber.sourceHeader, source.baseAddress, source.count, to: list)
            }
            unsafe DecimalDigits.withDigits(of: number.sequence) { digits in
                unsafe add(SourceNumber.sequenceHeader, digits.baseAddress, digits.count, to: list)
            }
        }
        return unsafe list
    }

    /// A Swift string passed to C as it is would be copied into an array first, for each record.
    private static func add(_ name: String, _ value: UnsafeRawPointer?, _ size: Int, to list: OpaquePointer) {
        var name = name
        name.withUTF8 { name in
            unsafe UnsafeRawBufferPointer(name).withMemoryRebound(to: CChar.self) { name in
                _ = unsafe rd_kafka_header_add(list, name.baseAddress, name.count, value, size)
            }
        }
    }
}
