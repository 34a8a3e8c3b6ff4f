import Contracts
import Postgres

/// A parked key of a worker, over all lanes, as `scrm keys list` shows it.
struct ParkedKeyEntry: Sendable, Encodable {
    var worker: String
    var key: String
    /// An operator parked it; else it waits behind its dead letters.
    var held: Bool
    var lanes: [Int32]
    /// What waits.
    var records: Int64
    var bytes: Int64
    var deadLetters: Int64
    var parkedAt: String

    static func read(_ schema: Schema, limit: Int, _ databases: FleetDatabases) async throws -> [ParkedKeyEntry] {
        let name = schema.rawValue
        return try await databases.query(
            schema,
            """
            SELECT key, bool_or(held), array_agg(lane ORDER BY lane), sum(records)::bigint, sum(bytes)::bigint,
                (
                    SELECT count(*) FROM \(name).dead_letters AS letter
                    WHERE letter.lane = ANY (array_agg(parked.lane)) AND letter.handler_key = parked.key
                ), min(parked_at)
            FROM \(name).parked_keys AS parked WHERE leaves_topics IS NULL
            GROUP BY key ORDER BY sum(bytes) DESC, key LIMIT $1
            """, [.int64(Int64(limit))]
        ).map { row in
            let (key, held, lanes, records, bytes, letters, since) = try row.decode(
                [UInt8].self, Bool.self, [Int32].self, Int64.self, Int64.self, Int64.self, PostgresTimestamp.self)
            return ParkedKeyEntry(
                worker: schema.program, key: String(decoding: key, as: UTF8.self), held: held, lanes: lanes,
                records: records, bytes: bytes, deadLetters: letters, parkedAt: Instant.text(since.milliseconds))
        }
    }

    static func text(_ entries: [ParkedKeyEntry]) -> String {
        var table = TextTable(header: ["WORKER", "SINCE", "PARKED", "RECORDS", "BYTES", "KEY"])
        for entry in entries {
            table.append([
                entry.worker, entry.parkedAt,
                entry.held ? "by an operator" : "behind \(entry.deadLetters) dead letters", "\(entry.records)",
                "\(entry.bytes)", entry.key,
            ])
        }
        return table.text
    }
}
