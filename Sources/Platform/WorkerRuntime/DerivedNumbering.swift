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
        _ derived: [DerivedRecord], bases: [String: LaneOffset]
    ) throws(TooMany) -> [OutgoingRecord] {
        var result: [OutgoingRecord] = []
        result.reserveCapacity(derived.count)
        var origin: TopicPartition?
        var source = ""
        var base: Int64 = 0
        var offset: Int64 = -1
        var index: Int64 = 0
        let ordered = ordered(derived)
        // By index: a record is copied once, into the result.
        for position in ordered.indices {
            if ordered[position].origin != origin {
                let new = ordered[position].origin
                origin = new
                source = "\(new.topic)/\(new.partition)"
                base = bases[new.topic]?.base ?? 0
                offset = -1
            }
            let next = ordered[position].originOffset
            index = next == offset ? index + 1 : 0
            offset = next
            guard index < perRecord else {
                throw TooMany(
                    description: "\(ordered[position].origin) offset \(offset): more than \(perRecord) derived records")
            }
            result.append(ordered[position].record)
            result[position].number = SourceNumber(source: source, sequence: (base + offset) * perRecord + index)
        }
        return result
    }

    /// By origin and offset, otherwise as given. Handlers go through their batch in order, so there is mostly nothing to
    /// do.
    private static func ordered(_ derived: [DerivedRecord]) -> [DerivedRecord] {
        func precedes(_ left: DerivedRecord, _ right: DerivedRecord) -> Bool {
            if left.origin == right.origin { return left.originOffset < right.originOffset }
            return left.origin < right.origin
        }
        // By index: a copy of a record costs more than the comparison.
        let inOrder = derived.indices.dropFirst().allSatisfy { index in
            derived[index].origin == derived[index - 1].origin
                && derived[index].originOffset >= derived[index - 1].originOffset
        }
        guard !inOrder else { return derived }
        return derived.enumerated().sorted { left, right in
            if precedes(left.element, right.element) { return true }
            if precedes(right.element, left.element) { return false }
            return left.offset < right.offset
        }.map(\.element)
    }
}
