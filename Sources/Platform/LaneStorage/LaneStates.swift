import Postgres
import Records
import WorkerRuntime

/// Puts the rows of ``LaneStatements`` together again.
struct LaneStates {
    /// Ascending by lane.
    private(set) var states: [LaneState] = []

    /// - Parameter answers: To ``LaneStatements/states(of:)``.
    init(_ answers: ArraySlice<PostgresRows>) throws(PostgresError) {
        let answers = Array(answers)
        var byLane: [Int32: LaneState] = [:]
        for row in answers[0] {
            let (lane, epoch, next, configuration) = try row.decode(
                Int32.self, Int64.self, Int64.self, String?.self)
            byLane[lane] = LaneState(
                claim: LaneClaim(lane: lane, epoch: epoch), nextSequence: next, configuration: configuration)
        }
        for row in answers[1] {
            let (lane, topic, next, base, cluster, time, keyHash) = try row.decode(
                Int32.self, String.self, Int64.self, Int64.self, String.self, Int64?.self, Int64?.self)
            byLane[lane]?.offsets[topic] = LaneOffset(
                next: next, base: base, clusterID: cluster,
                last: keyHash.map { RecordFingerprint(timestampMilliseconds: time, keyHash: $0) })
        }
        for row in answers[2] {
            let (lane, topic, source, last) = try row.decode(Int32.self, String.self, String.self, Int64.self)
            byLane[lane]?.streams[StreamID(topic: topic, source: source)] = last
        }
        for row in answers[3] {
            let (lane, entry) = try Self.entry(row)
            byLane[lane]?.outbox.append(entry)
        }
        for row in answers[4] {
            let (lane, key, held, records, bytes, topics, offsets) = try row.decode(
                Int32.self, [UInt8].self, Bool.self, Int64.self, Int64.self, [String]?.self, [Int64]?.self)
            byLane[lane]?.parked[key] = ParkedKey(
                held: held, records: Int(records), bytes: Int(bytes),
                leavesAt: topics.map { Dictionary(zip($0, offsets ?? [])) { first, _ in first } })
        }
        states = byLane.values.sorted { $0.claim.lane < $1.claim.lane }
    }

    private static func entry(_ row: PostgresRow) throws(PostgresError) -> (lane: Int32, OutboxEntry) {
        let (lane, sequence, topic, partition, key, value, names, values) = try row.decode(
            Int32.self, Int64.self, String.self, Int32?.self, [UInt8]?.self, [UInt8]?.self, [String].self,
            [[UInt8]?].self)
        let headers = zip(names, values).map { Header($0, $1) }
        let record = OutgoingRecord(topic: topic, partition: partition, key: key, value: value, headers: headers)
        return (lane, OutboxEntry(sequence: sequence, record: record))
    }
}
