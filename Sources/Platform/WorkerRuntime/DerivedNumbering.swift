import Records

/// Numbers derived records by the offset of the record they came from, so that a repetition carries the same numbers.
enum DerivedNumbering {
    /// Numbers kept free for each raw offset.
    static let perRecord: Int64 = 1024

    /// A record caused more derived records than there are numbers for it.
    struct TooMany: Error, Disposed, CustomStringConvertible {
        var disposition: Disposition { .deadLetter }
        var description: String
    }

    /// Stamps the records with stream `<raw topic>/<partition>` and number (base + raw offset) · 1024 + index.
    ///
    /// The result is in order of the numbers of each stream whatever order the handler chose, because a consumer drops
    /// what comes after a higher number.
    static func number(
        _ derived: DerivedRecords, bases: [String: LaneOffset]
    ) throws(TooMany) -> OutgoingBatch {
        let derived = ordered(derived)
        var result = derived.records
        let streams = derived.partitions.map { origin in
            (source: result.add(source: "\(origin.topic)/\(origin.partition)"), base: bases[origin.topic]?.base ?? 0)
        }
        var last: DerivedRecords.Origin?
        var index: Int64 = 0
        for (position, origin) in derived.origins.enumerated() {
            index = origin == last ? index + 1 : 0
            last = origin
            guard index < perRecord else {
                throw TooMany(
                    description: "\(derived.partitions[origin.partition]) offset \(origin.offset): "
                        + "more than \(perRecord) derived records")
            }
            let (source, base) = streams[origin.partition]
            result.number(position, source: source, sequence: (base + origin.offset) * perRecord + index)
        }
        return result
    }

    /// By origin and offset, otherwise as given. Handlers go through their batch in order, so there is mostly nothing to
    /// do.
    private static func ordered(_ derived: DerivedRecords) -> DerivedRecords {
        let origins = derived.origins
        func precedes(_ left: DerivedRecords.Origin, _ right: DerivedRecords.Origin) -> Bool {
            left.partition == right.partition
                ? left.offset < right.offset : derived.partitions[left.partition] < derived.partitions[right.partition]
        }
        let inOrder = origins.indices.dropFirst().allSatisfy { !precedes(origins[$0], origins[$0 - 1]) }
        guard !inOrder else { return derived }
        return derived.selecting(
            origins.indices.sorted { left, right in
                if precedes(origins[left], origins[right]) { return true }
                if precedes(origins[right], origins[left]) { return false }
                return left < right
            })
    }
}
