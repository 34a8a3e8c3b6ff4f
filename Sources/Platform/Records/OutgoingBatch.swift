/// Records on their way to topics, their keys and values written one after the other into memory they share.
///
/// As values of their own, thousands of records are allocated one by one, and every step they take counts references to
/// each. Here a step of the whole batch costs as much as one of a single record. For whom that doesn't matter it is a
/// collection of ``OutgoingRecord``.
package struct OutgoingBatch: Sendable {
    /// What many records have in common.
    package struct Route: Sendable, Hashable {
        package let topic: String
        package let headers: [Header]
        /// What the headers weigh.
        package let headerBytes: Int

        package init(topic: String, headers: [Header]) {
            self.topic = topic
            self.headers = headers
            headerBytes = headers.reduce(0) { $0 + $1.name.utf8.count + ($1.value?.count ?? 0) }
        }
    }

    /// Where a record is. Holds no reference.
    package struct Entry: Sendable {
        /// Its place in ``OutgoingBatch/routes``.
        package let route: Int
        package let partition: Int32?
        /// Its place in ``OutgoingBatch/sources``.
        package fileprivate(set) var source: Int?
        package fileprivate(set) var sequence: Int64 = 0
        fileprivate let start: Int
        /// Negative for null.
        fileprivate let keyCount: Int
        fileprivate let valueCount: Int

        /// Key and value bytes together.
        package var byteCount: Int { keySize + (valueCount < 0 ? 0 : valueCount) }
        private var keySize: Int { keyCount < 0 ? 0 : keyCount }

        /// - Parameter memory: that of the batch.
        package func key(in memory: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
            keyCount < 0 ? nil : unsafe UnsafeRawBufferPointer(rebasing: memory[start..<start + keyCount])
        }

        /// - Parameter memory: that of the batch.
        package func value(in memory: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
            let start = start + keySize
            return valueCount < 0 ? nil : unsafe UnsafeRawBufferPointer(rebasing: memory[start..<start + valueCount])
        }
    }

    package private(set) var routes: [Route] = []
    package private(set) var sources: [String] = []
    package private(set) var entries: [Entry] = []
    private var bytes: [UInt8] = []

    package init() {}

    package init(_ records: some Sequence<OutgoingRecord>) {
        for record in records { append(record) }
    }

    /// Makes room for what is about to be written.
    package mutating func reserve(records: Int, bytes: Int) {
        entries.reserveCapacity(records)
        self.bytes.reserveCapacity(bytes)
    }

    /// Bytes of all keys and values that were written.
    package var byteCount: Int { bytes.count }

    /// - Returns: the route's place.
    package mutating func add(_ route: Route) -> Int {
        routes.append(route)
        return routes.count - 1
    }

    /// - Returns: the source's place.
    package mutating func add(source: String) -> Int {
        sources.append(source)
        return sources.count - 1
    }

    /// Writes a record without a number.
    package mutating func append(
        to route: Int, partition: Int32? = nil, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?
    ) {
        precondition(routes.indices.contains(route))
        let start = bytes.count
        unsafe write(key)
        unsafe write(value)
        entries.append(
            Entry(
                route: route, partition: partition, start: start, keyCount: unsafe key?.count ?? -1,
                valueCount: unsafe value?.count ?? -1))
    }

    package mutating func append(_ record: OutgoingRecord) {
        let isAnotherWay = routes.last.map { $0.topic != record.topic || $0.headers != record.headers } ?? true
        let route =
            isAnotherWay ? add(Route(topic: record.topic, headers: record.headers)) : routes.count - 1
        let start = bytes.count
        bytes += record.key ?? []
        bytes += record.value ?? []
        entries.append(
            Entry(
                route: route, partition: record.partition, start: start, keyCount: record.key?.count ?? -1,
                valueCount: record.value?.count ?? -1))
        guard let number = record.number else { return }
        let source = sources.last == number.source ? sources.count - 1 : add(source: number.source)
        self.number(entries.count - 1, source: source, sequence: number.sequence)
    }

    /// Gives the record at `index` its place in a numbered stream.
    package mutating func number(_ index: Int, source: Int, sequence: Int64) {
        precondition(sources.indices.contains(source))
        entries[index].source = source
        entries[index].sequence = sequence
    }

    /// The records at these places, in this order; what was written is shared, not copied.
    package func selecting(_ indices: some Sequence<Int>) -> OutgoingBatch {
        var selected = self
        selected.entries = indices.map { entries[$0] }
        return selected
    }

    /// Lends the memory in which the entries find their keys and values.
    package func withMemory<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe bytes.withUnsafeBytes { unsafe body($0) }
    }

    private mutating func write(_ piece: UnsafeRawBufferPointer?) {
        // As elements of the array: appended in one go.
        if let piece = unsafe piece { unsafe bytes.append(contentsOf: piece.assumingMemoryBound(to: UInt8.self)) }
    }
}

extension OutgoingBatch: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { entries.count }

    /// A copy of the record.
    package subscript(index: Int) -> OutgoingRecord {
        let entry = entries[index]
        let route = routes[entry.route]
        return unsafe withMemory { memory in
            OutgoingRecord(
                topic: route.topic, partition: entry.partition,
                key: unsafe entry.key(in: memory).map { unsafe [UInt8](copying: $0) },
                value: unsafe entry.value(in: memory).map { unsafe [UInt8](copying: $0) }, headers: route.headers,
                number: entry.source.map { SourceNumber(source: sources[$0], sequence: entry.sequence) })
        }
    }
}
