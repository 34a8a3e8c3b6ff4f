import Postgres
import Records
import WorkerRuntime

/// The SQL of ``PostgresLaneStore``, with its values.
struct LaneStatements: Sendable {
    typealias Statement = (String, [PostgresValue])

    let schema: String

    func take(_ lanes: [Int32], _ lockTimeout: Duration) -> Statement {
        (
            "SELECT taken_lane FROM \(schema).take_lanes($1, $2)",
            [.int32Array(lanes), .int64(lockTimeout.wholeMilliseconds)]
        )
    }

    /// Claims, offsets, streams, outbox and parked keys, as ``LaneStates`` reads them.
    func states(of lanes: [Int32]) -> [Statement] {
        let lanes: [PostgresValue] = [.int32Array(lanes)]
        return [
            ("SELECT lane, epoch, next_seq, configuration FROM \(schema).lanes WHERE lane = ANY ($1)", lanes),
            (
                """
                SELECT lane, topic, next_offset, base, cluster_id, last_time, last_key_hash
                FROM \(schema).offsets WHERE lane = ANY ($1)
                """, lanes
            ),
            ("SELECT lane, topic, source, last_seq FROM \(schema).streams WHERE lane = ANY ($1)", lanes),
            (
                """
                SELECT lane, seq, topic, partition, key, value, header_names, header_values
                FROM \(schema).outbox WHERE lane = ANY ($1) ORDER BY lane, seq
                """, lanes
            ),
            (
                """
                SELECT lane, key, held, records, bytes, leaves_topics, leaves_offsets
                FROM \(schema).parked_keys WHERE lane = ANY ($1)
                """, lanes
            ),
        ]
    }

    /// - Parameter advances: in order of their lanes.
    func advance(_ advances: [LaneAdvance], _ lockTimeout: Duration) -> Statement {
        let steps = advances.flatMap { advance in
            advance.offsets.sorted { $0.key < $1.key }.map { (lane: advance.claim.lane, topic: $0.key, step: $0.value) }
        }
        let streams = advances.flatMap { advance in
            advance.streams.map { (lane: advance.claim.lane, id: $0.key, sequence: $0.value) }
        }
        return (
            """
            SELECT \(schema).advance_lanes($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            """,
            [
                .int64(lockTimeout.wholeMilliseconds), .int32Array(advances.map(\.claim.lane)),
                .int64Array(advances.map(\.claim.epoch)), .int64Array(advances.map(\.acknowledgedSequence)),
                .int32Array(steps.map(\.lane)), .textArray(steps.map(\.topic)), .int64Array(steps.map(\.step.from)),
                .int64Array(steps.map(\.step.to)), .textArray(steps.map(\.step.clusterID)),
                .int64Array(steps.map(\.step.last?.timestampMilliseconds)),
                .int64Array(steps.map(\.step.last?.keyHash)),
                .int32Array(streams.map(\.lane)), .textArray(streams.map(\.id.topic)),
                .textArray(streams.map(\.id.source)), .int64Array(streams.map(\.sequence)),
            ]
        )
    }

    func append(_ entries: [OutboxEntry], lane: Int32, first: Int64) -> Statement {
        let records = entries.map(\.record)
        var headerEntries: [Int32?] = []
        var headers: [Header] = []
        for (index, record) in records.enumerated() {
            headerEntries += record.headers.map { _ in Int32(index + 1) }
            headers += record.headers
        }
        return (
            "SELECT \(schema).append_outbox($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            [
                .int32(lane), .int64(first), .textArray(records.map(\.topic)), .int32Array(records.map(\.partition)),
                .bytesArray(records.map(\.key)), .bytesArray(records.map(\.value)), .int32Array(headerEntries),
                .textArray(headers.map(\.name)), .bytesArray(headers.map(\.value)),
            ]
        )
    }

    func nextSequence(of lane: Int32) -> Statement {
        ("SELECT next_seq FROM \(schema).lanes WHERE lane = $1", [.int32(lane)])
    }

    /// The lane's row, and one row with the new base for each topic.
    func renumber(_ lane: Int32, under configuration: String, by step: Int64) -> [Statement] {
        [
            (
                "UPDATE \(schema).lanes SET configuration = $2 WHERE lane = $1",
                [.int32(lane), .text(configuration.storable)]
            ),
            (
                "UPDATE \(schema).offsets SET base = base + $2 WHERE lane = $1 RETURNING topic, base",
                [.int32(lane), .int64(step)]
            ),
        ]
    }

    /// One row if the entry was there.
    func remove(_ sequence: Int64, lane: Int32) -> Statement {
        (
            "DELETE FROM \(schema).outbox WHERE lane = $1 AND seq = $2 RETURNING seq",
            [.int32(lane), .int64(sequence)]
        )
    }

    func terminateHolders(of lanes: [Int32], _ held: Duration) -> Statement {
        (
            "SELECT \(schema).terminate_lane_holders($1, $2)",
            [.int32Array(lanes), .int64(held.wholeMilliseconds)]
        )
    }

    func copy(_ deadLetters: [DeadLetter], lane: Int32) throws(PostgresError) -> PostgresCopyBuffer {
        var buffer = PostgresCopyBuffer(
            table: "\(schema).dead_letters",
            columns: [
                "topic", "partition", "offset", "record_time", "key", "value", "header_names", "header_values",
                "reason", "detail", "attempts", "lane", "handler_key", "rule_version", "outgoing",
            ])
        for letter in deadLetters {
            try buffer.row { row throws(PostgresError) in
                try row.append(letter.record)
                try row.append(text: letter.reason.storable)
                try row.append(text: letter.detail.storable)
                row.append(int32: Int32(clamping: letter.attempts))
                row.append(int32: lane)
                try row.append(bytes: letter.key)
                try row.append(text: letter.ruleVersion?.storable)
                row.append(bool: letter.isOutgoing)
            }
        }
        return buffer
    }
}

extension PostgresCopyBuffer {
    /// Topic, partition, offset, time, key, value, and the headers' names and values.
    mutating func append(_ record: Record) throws(PostgresError) {
        try append(text: record.topic.storable)
        append(int32: record.partition)
        append(int64: record.offset)
        // A time that PostgreSQL cannot hold must not keep the record out of its table.
        let time = record.timestampMilliseconds.map(PostgresTimestamp.init(milliseconds:))
        try append(timestampMilliseconds: time.flatMap { $0.isStorable ? $0.milliseconds : nil })
        try append(bytes: record.key)
        try append(bytes: record.value)
        try append(.textArray(record.headers.map(\.name.storable)))
        try append(.bytesArray(record.headers.map(\.value)))
    }
}

extension String {
    /// Without U+0000, which PostgreSQL's text cannot hold.
    var storable: String { contains("\0") ? replacing("\0", with: "\u{FFFD}") : self }
}

extension Duration {
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
