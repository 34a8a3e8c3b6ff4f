import Postgres
import Records
import WorkerRuntime

/// Parked keys and requests.
extension LaneStatements {
    /// Columns: lane, whether requests wait, whether it has another epoch.
    func news(of claims: [LaneClaim]) -> Statement {
        (
            """
            SELECT claim.lane,
                EXISTS (SELECT FROM \(schema).requests WHERE lane = claim.lane AND done_at IS NULL),
                stored.epoch IS DISTINCT FROM claim.epoch
            FROM unnest($1, $2) AS claim (lane, epoch) LEFT JOIN \(schema).lanes AS stored USING (lane)
            """,
            [.int32Array(claims.map(\.lane)), .int64Array(claims.map(\.epoch))]
        )
    }

    func requests(of lane: Int32, _ count: Int, _ bytes: Int) -> Statement {
        (
            """
            SELECT id, action, request_key, letter, previous, reason, detail, attempts, handler_key, outgoing,
                topic, partition, "offset", record_time, key, value, header_names, header_values
            FROM (
                SELECT request.id, request.action, request.key AS request_key, letter.id AS letter, letter.reason,
                    letter.detail, letter.attempts, letter.handler_key, letter.topic, letter.partition,
                    letter."offset", letter.record_time, letter.key, letter.value, letter.header_names,
                    letter.header_values,
                    letter.outgoing OR letter.lane IS NULL AND letter.reason = 'refused_by_broker' AS outgoing,
                    (
                        SELECT max(earlier.id) FROM \(schema).dead_letters AS earlier
                        WHERE earlier.lane = letter.lane AND earlier.handler_key = letter.handler_key
                            AND earlier.id < letter.id
                    ) AS previous,
                    sum(octet_length(letter.value)) OVER (ORDER BY request.id ROWS BETWEEN UNBOUNDED PRECEDING
                        AND CURRENT ROW) AS bytes,
                    row_number() OVER (ORDER BY request.id) AS position
                FROM (
                    SELECT * FROM \(schema).requests WHERE lane = $1 AND done_at IS NULL ORDER BY id LIMIT $2
                ) AS request
                LEFT JOIN \(schema).dead_letters AS letter ON letter.id = request.dead_letter
            ) AS waiting
            WHERE position = 1 OR coalesce(bytes, 0) <= $3 ORDER BY id
            """,
            [.int32(lane), .int64(Int64(count)), .int64(Int64(bytes))]
        )
    }

    func parkedRecords(behind key: [UInt8], _ lane: Int32, _ count: Int, _ bytes: Int) -> Statement {
        (
            """
            SELECT id, topic, partition, "offset", record_time, record_key, value, header_names, header_values
            FROM (
                SELECT *, sum(bytes) OVER (ORDER BY id) AS sum, row_number() OVER (ORDER BY id) AS position
                FROM (
                    SELECT * FROM \(schema).parked WHERE lane = $1 AND key = $2 ORDER BY id LIMIT $3
                ) AS first
            ) AS waiting
            WHERE position = 1 OR sum <= $4 ORDER BY id
            """,
            [.int32(lane), .bytes(key), .int64(Int64(count)), .int64(Int64(bytes))]
        )
    }

    /// One row for each key that is parked or gets records.
    func park(_ parking: Parking, _ lane: Int32) -> Statement {
        var sums: [[UInt8]: (records: Int64, bytes: Int64)] = [:]
        for key in parking.keys { sums[key] = (0, 0) }
        for waiting in parking.records {
            let sum = sums[waiting.key] ?? (0, 0)
            sums[waiting.key] = (sum.records + 1, sum.bytes + Int64(waiting.record.byteCount))
        }
        let keys = sums.keys.sorted { $0.lexicographicallyPrecedes($1) }
        return (
            """
            INSERT INTO \(schema).parked_keys AS stored (lane, key, held, records, bytes)
            SELECT $1, new.key, new.held, new.records, new.bytes
            FROM unnest($2, $3, $4, $5) AS new (key, held, records, bytes)
            ON CONFLICT (lane, key) DO UPDATE SET held = stored.held OR EXCLUDED.held,
                records = stored.records + EXCLUDED.records, bytes = stored.bytes + EXCLUDED.bytes,
                leaves_topics = NULL, leaves_offsets = NULL
            """,
            [
                .int32(lane), .bytesArray(keys), .boolArray(keys.map { parking.held && parking.keys.contains($0) }),
                .int64Array(keys.map { sums[$0]?.records }), .int64Array(keys.map { sums[$0]?.bytes }),
            ]
        )
    }

    func copy(_ records: [ParkedRecord], lane: Int32) throws(PostgresError) -> PostgresCopyBuffer {
        var buffer = PostgresCopyBuffer(
            table: "\(schema).parked",
            columns: [
                "lane", "key", "bytes", "topic", "partition", "offset", "record_time", "record_key", "value",
                "header_names", "header_values",
            ])
        for waiting in records {
            try buffer.row { row throws(PostgresError) in
                row.append(int32: lane)
                try row.append(bytes: waiting.key)
                row.append(int64: Int64(waiting.record.byteCount))
                try row.append(waiting.record)
            }
        }
        return buffer
    }

    /// In order; the first three tell by their rows whether it was applied before.
    func settle(_ settlement: Settlement, _ lane: Int32) -> [Statement] {
        let answers = settlement.answers
        var statements: [Statement] = [
            (
                """
                UPDATE \(schema).requests AS request
                SET done_at = now(), outcome = answer.outcome, detail = answer.detail
                FROM unnest($1, $2, $3) AS answer (id, outcome, detail)
                WHERE request.id = answer.id AND request.done_at IS NULL RETURNING request.id
                """,
                [
                    .int64Array(answers.map(\.request)), .textArray(answers.map(\.outcome.rawValue)),
                    .textArray(answers.map { $0.detail?.storable }),
                ]
            ),
            (
                "DELETE FROM \(schema).parked WHERE id = ANY ($1) RETURNING id",
                [.int64Array(settlement.unparked)]
            ),
            (
                "DELETE FROM \(schema).dead_letters WHERE id = ANY ($1) RETURNING id",
                [.int64Array(settlement.removedLetters)]
            ),
        ]
        if !settlement.failures.isEmpty { statements.append(update(settlement.failures)) }
        if let key = settlement.key { statements.append(update(key, settlement, lane)) }
        if !settlement.forgotten.isEmpty {
            statements.append(
                (
                    "DELETE FROM \(schema).parked_keys WHERE lane = $1 AND key = ANY ($2)",
                    [.int32(lane), .bytesArray(settlement.forgotten.map { $0 })]
                ))
        }
        if !settlement.releases.isEmpty { statements.append(release(settlement.releases, lane)) }
        return statements
    }

    private func update(_ failures: [Settlement.Failure]) -> Statement {
        (
            """
            UPDATE \(schema).dead_letters AS letter
            SET reason = failure.reason, detail = failure.detail, attempts = letter.attempts + failure.attempts,
                handler_key = failure.key
            FROM unnest($1, $2, $3, $4, $5) AS failure (id, reason, detail, attempts, key)
            WHERE letter.id = failure.id
            """,
            [
                .int64Array(failures.map(\.letter)), .textArray(failures.map(\.reason.storable)),
                .textArray(failures.map(\.detail.storable)),
                .int32Array(failures.map { Int32(clamping: $0.attempts) }), .bytesArray(failures.map(\.key)),
            ]
        )
    }

    private func update(_ key: [UInt8], _ settlement: Settlement, _ lane: Int32) -> Statement {
        if let leavesAt = settlement.leavesAt?.sorted(by: { $0.key < $1.key }) {
            return (
                """
                UPDATE \(schema).parked_keys SET held = false, leaves_topics = $3, leaves_offsets = $4
                WHERE lane = $1 AND key = $2
                """,
                [
                    .int32(lane), .bytes(key), .textArray(leavesAt.map(\.key)), .int64Array(leavesAt.map(\.value)),
                ]
            )
        }
        return (
            """
            UPDATE \(schema).parked_keys SET records = records - $3, bytes = bytes - $4, held = held AND NOT $5
            WHERE lane = $1 AND key = $2
            """,
            [
                .int32(lane), .bytes(key), .int64(Int64(settlement.unparked.count)),
                .int64(Int64(settlement.unparkedBytes)), .bool(settlement.stopsKey),
            ]
        )
    }

    /// Asks for the keys that have no dead letter left to be unparked, in the name of whom it was done for.
    private func release(_ releases: [[UInt8]: Int64], _ lane: Int32) -> Statement {
        let keys = releases.keys.sorted { $0.lexicographicallyPrecedes($1) }
        return (
            """
            INSERT INTO \(schema).requests (operation, lane, action, key)
            SELECT cause.operation, $1, 'unpark', freed.key
            FROM unnest($2, $3) AS freed (key, request)
            JOIN \(schema).requests AS cause ON cause.id = freed.request
            WHERE NOT EXISTS (
                SELECT FROM \(schema).dead_letters AS letter WHERE letter.lane = $1 AND letter.handler_key = freed.key)
            ORDER BY freed.request
            """,
            [.int32(lane), .bytesArray(keys), .int64Array(keys.map { releases[$0] })]
        )
    }
}
