internal import CLibrdkafka
internal import Records

/// The call of `rd_kafka_produceva` for the records of a batch.
@safe struct ProduceRequest {
    private let client: OpaquePointer
    private let records: OutgoingBatch
    private let memory: UnsafeRawBufferPointer
    private let context: UnsafeMutableRawPointer

    /// - Parameters:
    ///   - memory: that of `records`; outlives the request.
    ///   - context: comes back with each delivery report.
    init(
        client: OpaquePointer, records: OutgoingBatch, memory: UnsafeRawBufferPointer, context: UnsafeMutableRawPointer
    ) {
        unsafe self.client = unsafe client
        self.records = records
        unsafe self.memory = unsafe memory
        unsafe self.context = unsafe context
    }

    /// Copies a record into librdkafka's queue.
    /// - Parameter topic: the handle of the record's topic.
    /// - Throws: why it was not accepted.
    func send(_ entry: OutgoingBatch.Entry, to topic: OpaquePointer) throws(KafkaError) {
        let headers = unsafe makeHeaders(of: entry)
        // On the stack: an array would be allocated for each record.
        let error = unsafe withUnsafeTemporaryAllocation(of: rd_kafka_vu_t.self, capacity: 7) { arguments in
            unsafe arguments.initialize(repeating: rd_kafka_vu_t())
            unsafe arguments[0].vtype = RD_KAFKA_VTYPE_RKT
            unsafe arguments[0].u.rkt = topic
            unsafe arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION
            unsafe arguments[1].u.i32 = entry.partition ?? RD_KAFKA_PARTITION_UA
            unsafe arguments[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS
            unsafe arguments[2].u.i = RD_KAFKA_MSG_F_COPY
            unsafe arguments[3].vtype = RD_KAFKA_VTYPE_KEY
            unsafe arguments[3].u.mem = pointer(to: entry.key(in: memory))
            unsafe arguments[4].vtype = RD_KAFKA_VTYPE_VALUE
            unsafe arguments[4].u.mem = pointer(to: entry.value(in: memory))
            unsafe arguments[5].vtype = RD_KAFKA_VTYPE_OPAQUE
            unsafe arguments[5].u.ptr = context
            unsafe arguments[6].vtype = RD_KAFKA_VTYPE_HEADERS
            unsafe arguments[6].u.headers = headers
            let count = unsafe headers == nil ? 6 : 7
            return unsafe rd_kafka_produceva(client, arguments.baseAddress, count)
        }
        guard let failure = unsafe KafkaError(adopting: error) else { return }
        // The headers stay ours when the record is not accepted.
        if let headers = unsafe headers { unsafe rd_kafka_headers_destroy(headers) }
        throw failure
    }

    private typealias Memory = rd_kafka_vu_s.__Unnamed_union_u.__Unnamed_struct_mem

    /// Null stays null, and empty is a pointer with length 0: librdkafka tells them apart by the pointer. It copies and
    /// never writes; its field is not const.
    private func pointer(to bytes: UnsafeRawBufferPointer?) -> Memory {
        guard let bytes = unsafe bytes else { return unsafe Memory(ptr: nil, size: 0) }
        return unsafe Memory(ptr: UnsafeMutableRawPointer(mutating: bytes.baseAddress) ?? context, size: bytes.count)
    }

    private func makeHeaders(of entry: OutgoingBatch.Entry) -> OpaquePointer? {
        let headers = records.routes[entry.route].headers
        let count = headers.count + (entry.source == nil ? 0 : 2)
        guard count > 0, let list = unsafe rd_kafka_headers_new(count) else { return nil }
        for header in headers {
            guard let value = header.value else {
                unsafe add(header.name, nil, 0, to: list)
                continue
            }
            unsafe value.withUnsafeBytes { value in
                // Null and empty differ here too.
                unsafe add(header.name, value.baseAddress ?? UnsafeRawPointer(context), value.count, to: list)
            }
        }
        if let source = entry.source {
            var source = records.sources[source]
            source.withUTF8 { source in
                unsafe add(SourceNumber.sourceHeader, source.baseAddress, source.count, to: list)
            }
            unsafe DecimalDigits.withDigits(of: entry.sequence) { digits in
                unsafe add(SourceNumber.sequenceHeader, digits.baseAddress, digits.count, to: list)
            }
        }
        return unsafe list
    }

    /// A Swift string passed to C as it is would be copied into an array first, for each record.
    private func add(_ name: String, _ value: UnsafeRawPointer?, _ size: Int, to list: OpaquePointer) {
        var name = name
        name.withUTF8 { name in
            unsafe UnsafeRawBufferPointer(name).withMemoryRebound(to: CChar.self) { name in
                _ = unsafe rd_kafka_header_add(list, name.baseAddress, name.count, value, size)
            }
        }
    }
}
