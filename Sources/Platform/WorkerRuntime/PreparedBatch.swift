import Records

/// Records of one lane, filtered and decoded: what one transaction will settle.
struct PreparedBatch<Event: Sendable>: Sendable {
    var items: [Batch<Event>.Item] = []
    var deadLetters: [DeadLetter] = []
    var parking = Parking()
    /// Offsets by topic of items whose key was parked not long ago.
    var detours: [String: Set<Int64>] = [:]
    var steps: [String: OffsetStep] = [:]
    var streams: [StreamID: Int64] = [:]
    var tally = BatchTally()

    /// Pure: the same records and the same state give the same batch.
    init(
        _ records: ArraySlice<Record>, state: LaneState, numberedTopics: Set<String>,
        key: (Event) -> [UInt8]? = { _ in nil }, decode: (Record) throws(Undecodable) -> Event?
    ) {
        items.reserveCapacity(records.count)
        var filter = StreamFilter(known: state.streams)
        var ends = TopicEnds(numberedTopics: numberedTopics)
        for record in records {
            if ends.advance(record) {
                switch filter.admit(record) {
                case .new: break
                case .seen:
                    tally.duplicates += 1
                    continue
                case .malformed(let detail):
                    deadLetters.append(DeadLetter(record: record, reason: "bad_source_seq", detail: detail))
                    continue
                }
            }
            do throws(Undecodable) {
                if let event = try decode(record) {
                    if !state.parked.isEmpty, let key = key(event), let parked = state.parked[key] {
                        if parked.waits {
                            parking.records.append(ParkedRecord(key: key, record: record))
                            continue
                        }
                        detours[record.topic, default: []].insert(record.offset)
                    }
                    items.append(.init(event: event, record: record))
                } else {
                    tally.skipped += 1
                }
            } catch {
                deadLetters.append(DeadLetter(record: record, reason: error.reason, detail: error.detail))
            }
        }
        for (topic, next) in ends.nextOffsets {
            let stored = state.offsets[topic]
            steps[topic] = OffsetStep(
                from: stored?.next, to: next, clusterID: stored?.clusterID ?? "",
                last: records.last { $0.topic == topic }.map(RecordFingerprint.init))
        }
        streams = filter.moved
        tally.records = records.count
        tally.parked = parking.records.count
        tally.newestMilliseconds = records.last?.timestampMilliseconds
    }

    /// A batch without records, that only stores where the lane stands.
    init(starting steps: [String: OffsetStep]) {
        self.steps = steps
    }

    /// Puts the only item aside: its record can't be processed. Its stream has seen it all the same, so that a repetition
    /// on the wire is no second dead letter.
    /// - Parameter parks: whether later records of its key wait behind it.
    mutating func bury(reason: String, detail: String, attempts: Int, key: [UInt8]?, parks: Bool) {
        for item in items {
            deadLetters.append(
                DeadLetter(record: item.record, reason: reason, detail: detail, attempts: attempts, key: key))
        }
        if parks, let key { parking.keys.insert(key) }
        items = []
    }
}

/// Offsets after the last record of each topic. Records of a topic mostly follow each other, so the dictionary is
/// touched once per run and not once per record.
private struct TopicEnds {
    let numberedTopics: Set<String>
    private var ends: [String: Int64] = [:]
    private var topic: String?
    private var next: Int64 = 0
    private var numbered = false

    init(numberedTopics: Set<String>) {
        self.numberedTopics = numberedTopics
    }

    /// - Returns: whether the record's topic is numbered.
    mutating func advance(_ record: Record) -> Bool {
        if record.topic != topic {
            if let topic { ends[topic] = next }
            topic = record.topic
            numbered = numberedTopics.contains(record.topic)
        }
        next = record.offset + 1
        return numbered
    }

    var nextOffsets: [String: Int64] {
        guard let topic else { return ends }
        return ends.merging([topic: next]) { _, latest in latest }
    }
}
