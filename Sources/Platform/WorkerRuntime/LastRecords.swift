import Records

/// The records before the stored offsets, to be compared with what the log holds there now. Pure.
///
/// Fetching begins with them, so the comparison costs one record of each topic at take-over and no request.
struct LastRecords: Sendable {
    private struct Last {
        var offset: Int64
        var fingerprint: RecordFingerprint
    }

    private var awaited: [String: Last] = [:]

    /// Expects the record before the offset, unless nothing is known of it or it is not kept any more.
    /// - Returns: whether retention has deleted the record, so that nothing can be said about the topic.
    mutating func expect(_ offset: LaneOffset, topic: String, firstKept: Int64) -> Bool {
        guard let fingerprint = offset.last else { return false }
        guard offset.next > firstKept else { return true }
        awaited[topic] = Last(offset: offset.next - 1, fingerprint: fingerprint)
        return false
    }

    /// Where fetching begins, for topics whose last record has not been seen again.
    var offsets: [String: Int64] { awaited.mapValues(\.offset) }

    /// Compares what was expected.
    /// - Returns: why it is another topic.
    mutating func compare(_ records: [Record]) -> String? {
        if awaited.isEmpty { return nil }
        for record in records {
            guard let last = awaited.removeValue(forKey: record.topic) else { continue }
            // Deleted just now.
            guard record.offset == last.offset else { continue }
            if RecordFingerprint(record) != last.fingerprint {
                return "\(record.topicPartition): the record at offset \(record.offset) is not the one that was "
                    + "processed (its time or key differs): another topic"
            }
        }
        return nil
    }
}
