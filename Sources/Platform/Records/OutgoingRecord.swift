/// A record on its way to a topic.
package struct OutgoingRecord: Sendable, Hashable {
    package var topic: String
    /// `nil`: chosen from the key as the Java client does (murmur2), so producers in any language agree.
    package var partition: Int32?
    package var key: [UInt8]?
    package var value: [UInt8]?
    package var headers: [Header]
    /// The record's place in a numbered stream; goes out as two more headers.
    package var number: SourceNumber?

    package init(
        topic: String, partition: Int32? = nil, key: [UInt8]? = nil, value: [UInt8]?, headers: [Header] = [],
        number: SourceNumber? = nil
    ) {
        self.topic = topic
        self.partition = partition
        self.key = key
        self.value = value
        self.headers = headers
        self.number = number
    }

    /// The headers as they go out.
    package var allHeaders: [Header] { headers + (number?.headers ?? []) }

    /// Key, value and header bytes together.
    package var byteCount: Int {
        (key?.count ?? 0) + (value?.count ?? 0)
            + headers.reduce(0) { $0 + $1.name.utf8.count + ($1.value?.count ?? 0) } + (number?.byteCount ?? 0)
    }
}
