/// One record of a topic, as a consumer received it.
///
/// A null value is a tombstone and a null key is a record without a key; both are values, never errors. An empty array
/// and null are different things and stay different.
package struct Record: Sendable, Hashable {
    package var topic: String
    package var partition: Int32
    package var offset: Int64
    /// Milliseconds since 1970 UTC; `nil` when the broker gave none.
    package var timestampMilliseconds: Int64?
    package var key: [UInt8]?
    package var value: [UInt8]?
    package var headers: [Header]

    package init(
        topic: String, partition: Int32, offset: Int64, timestampMilliseconds: Int64? = nil, key: [UInt8]? = nil,
        value: [UInt8]? = nil, headers: [Header] = []
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestampMilliseconds = timestampMilliseconds
        self.key = key
        self.value = value
        self.headers = headers
    }

    package var topicPartition: TopicPartition { TopicPartition(topic: topic, partition: partition) }

    /// Key, value and header bytes together: what the record weighs in a bounded queue.
    package var byteCount: Int {
        (key?.count ?? 0) + (value?.count ?? 0)
            + headers.reduce(0) { $0 + $1.name.utf8.count + ($1.value?.count ?? 0) }
    }

    /// The value of the last header with this name, as Kafka clients read repeated headers.
    package func header(_ name: String) -> [UInt8]? {
        headers.last { $0.name == name }?.value
    }
}

/// A record header. The value is bytes and may be null; names may repeat.
package struct Header: Sendable, Hashable {
    package var name: String
    package var value: [UInt8]?

    package init(_ name: String, _ value: [UInt8]?) {
        self.name = name
        self.value = value
    }

    /// A header whose value is UTF-8 text.
    package init(_ name: String, text: String) {
        self.init(name, [UInt8](copying: text))
    }
}

extension [UInt8] {
    /// The UTF-8 of a text, in one go.
    package init(copying text: String) {
        var text = text
        self = text.withUTF8 { unsafe [UInt8](copying: UnsafeRawBufferPointer($0)) }
    }

    /// A copy of raw memory, in one go: the general initializer asks for each element.
    package init(copying bytes: UnsafeRawBufferPointer) {
        unsafe self.init(unsafeUninitializedCapacity: bytes.count) { buffer, count in
            unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
            count = bytes.count
        }
    }
}
