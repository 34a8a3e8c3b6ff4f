import Contracts
import Foundation
import Postgres

/// A record a worker could not process, as `scrm dead-letters list` shows it.
struct DeadLetterEntry: Sendable, Encodable {
    var worker: String
    var id: Int64
    var createdAt: String
    var topic: String
    var partition: Int32
    var offset: Int64
    var lane: Int32
    /// The fixed word of what was wrong.
    var reason: String
    var detail: String
    var attempts: Int32
    var ruleVersion: String?
    /// The worker's key, as far as the record could be read.
    var handlerKey: String?
    /// Only with `--show-value`, when it is UTF-8.
    var value: String?
    /// Only with `--show-value`, when it is not.
    var valueBase64: String?

    private static let pageSize = 500

    /// Newest first; pages by key.
    static func read(
        _ schema: Schema, _ selection: LetterSelection, limit: Int, withValue: Bool, _ databases: FleetDatabases
    ) async throws -> [DeadLetterEntry] {
        var entries: [DeadLetterEntry] = []
        let condition = selection.condition(from: 4, now: Instant.now)
        while entries.count < limit {
            let size = min(withValue ? 50 : pageSize, limit - entries.count)
            let rows = try await databases.query(
                schema,
                """
                SELECT id, created_at, topic, partition, "offset", coalesce(lane, greatest(partition, 0)), reason, detail, attempts, rule_version,
                    handler_key, CASE WHEN $3 THEN value END
                FROM \(schema.rawValue).dead_letters
                WHERE ($1::bigint IS NULL OR id < $1) AND \(condition.sql)
                ORDER BY id DESC LIMIT $2::bigint
                """,
                [PostgresValue(int64: entries.last?.id), .int64(Int64(size)), .bool(withValue)] + condition.binds)
            for row in rows { entries.append(try DeadLetterEntry(schema, row)) }
            if rows.count < size { break }
        }
        return entries
    }

    private init(_ schema: Schema, _ row: PostgresRow) throws {
        worker = schema.program
        id = try row.decode(Int64.self, at: 0)
        createdAt = Instant.text(try row.decode(PostgresTimestamp.self, at: 1).milliseconds)
        topic = try row.decode(String.self, at: 2)
        partition = try row.decode(Int32.self, at: 3)
        offset = try row.decode(Int64.self, at: 4)
        lane = try row.decode(Int32.self, at: 5)
        reason = try row.decode(String.self, at: 6)
        detail = try row.decode(String.self, at: 7)
        attempts = try row.decode(Int32.self, at: 8)
        ruleVersion = try row.decode(String?.self, at: 9)
        handlerKey = try row.decode([UInt8]?.self, at: 10).map { String(decoding: $0, as: UTF8.self) }
        if let bytes = try row.decode([UInt8]?.self, at: 11) { (value, valueBase64) = Self.shown(bytes) }
    }

    /// As text, or else in base 64.
    static func shown(_ bytes: [UInt8]) -> (text: String?, base64: String?) {
        if let text = String(validating: bytes, as: UTF8.self) { return (text, nil) }
        return (nil, Data(bytes).base64EncodedString())
    }

    static func text(_ entries: [DeadLetterEntry]) -> String {
        var table = TextTable(header: ["WORKER", "ID", "TIME", "ORIGIN", "ERROR", "DETAIL"])
        for entry in entries {
            table.append([
                entry.worker, "\(entry.id)", entry.createdAt, "\(entry.topic)[\(entry.partition)]@\(entry.offset)",
                entry.reason, entry.detail + ((entry.value ?? entry.valueBase64).map { "\n    \($0)" } ?? ""),
            ])
        }
        return table.text
    }
}
