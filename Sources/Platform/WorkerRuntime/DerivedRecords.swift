package import Records

/// A record derived from one consumed record. Its number is made from the origin's offset, so that a repetition carries
/// the same number.
package struct DerivedRecord: Sendable {
    package var origin: TopicPartition
    package var originOffset: Int64
    package var record: OutgoingRecord

    package init(origin: TopicPartition, originOffset: Int64, record: OutgoingRecord) {
        self.origin = origin
        self.originOffset = originOffset
        self.record = record
    }
}

/// What a batch derives from its records, written into memory it shares: see ``Records/OutgoingBatch``.
package struct DerivedRecords: Sendable {
    /// Where a record comes from. Holds no reference.
    struct Origin: Equatable {
        /// Its place in ``partitions``.
        var partition: Int
        var offset: Int64
    }

    package private(set) var records = OutgoingBatch()
    private(set) var partitions: [TopicPartition] = []
    private(set) var origins: [Origin] = []

    package init() {}

    package init(_ derived: some Sequence<DerivedRecord>) {
        for one in derived { append(one) }
    }

    /// Makes room for what is about to be written.
    package mutating func reserve(records count: Int, bytes: Int) {
        records.reserve(records: count, bytes: bytes)
        origins.reserveCapacity(count)
    }

    /// - Returns: the route's place, for ``append(from:to:key:value:)``.
    package mutating func add(_ route: OutgoingBatch.Route) -> Int { records.add(route) }

    /// Writes a record that `record` causes.
    package mutating func append(
        from record: Record, to route: Int, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?
    ) {
        unsafe records.append(to: route, key: key, value: value)
        origins.append(
            Origin(partition: place(of: record.topic, record.partition), offset: record.offset))
    }

    package mutating func append(_ derived: DerivedRecord) {
        records.append(derived.record)
        origins.append(
            Origin(partition: place(of: derived.origin.topic, derived.origin.partition), offset: derived.originOffset))
    }

    /// Where the record at `index` comes from.
    package func partition(at index: Int) -> Int32 { partitions[origins[index].partition].partition }

    /// The records at these places, in this order; what was written is shared, not copied.
    package func selecting(_ indices: some Collection<Int>) -> DerivedRecords {
        var selected = self
        selected.records = records.selecting(indices)
        selected.origins = indices.map { origins[$0] }
        return selected
    }

    /// A batch is mostly of one partition.
    private mutating func place(of topic: String, _ partition: Int32) -> Int {
        if let last = partitions.last, last.partition == partition, last.topic == topic { return partitions.count - 1 }
        let origin = TopicPartition(topic: topic, partition: partition)
        if let known = partitions.firstIndex(of: origin) { return known }
        partitions.append(origin)
        return partitions.count - 1
    }
}

extension DerivedRecords: RandomAccessCollection, ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: DerivedRecord...) { self.init(elements) }

    package var startIndex: Int { 0 }
    package var endIndex: Int { origins.count }

    /// A copy of the record.
    package subscript(index: Int) -> DerivedRecord {
        DerivedRecord(
            origin: partitions[origins[index].partition], originOffset: origins[index].offset, record: records[index])
    }
}
