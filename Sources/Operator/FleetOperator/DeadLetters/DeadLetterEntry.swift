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
    var reason: String
    var detail: String
    var attempts: Int32
    /// Only with `--show-value`, when it is UTF-8.
    var value: String?
    /// Only with `--show-value`, when it is not.
    var valueBase64: String?

    private static let pageSize = 500

    /// Newest first; pages by key.
    static func read(
        _ schema: Schema, reason: String?, limit: Int, withValue: Bool, _ databases: FleetDatabases
    ) async throws -> [DeadLetterEntry] {
        var entries: [DeadLetterEntry] = []
        while entries.count < limit {
            let size = min(withValue ? 50 : pageSize, limit - entries.count)
            let rows = try await databases.query(
                schema,
                """
                SELECT id, created_at, topic, partition, "offset", reason, detail, attempts, CASE WHEN $4 THEN value END
                FROM \(schema.rawValue).dead_letters
                WHERE ($1::bigint IS NULL OR id < $1) AND ($2::text IS NULL OR reason = $2)
                ORDER BY id DESC LIMIT $3::bigint
                """,
                [
                    PostgresValue(int64: entries.last?.id), PostgresValue(text: reason), .int64(Int64(size)),
                    .bool(withValue),
                ])
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
        reason = try row.decode(String.self, at: 5)
        detail = try row.decode(String.self, at: 6)
        attempts = try row.decode(Int32.self, at: 7)
        if let bytes = try row.decode([UInt8]?.self, at: 8) {
            value = String(validating: bytes, as: UTF8.self)
            if value == nil { valueBase64 = Data(bytes).base64EncodedString() }
        }
    }

    static func text(_ entries: [DeadLetterEntry]) -> String {
        var table = TextTable(header: ["WORKER", "TIME", "ORIGIN", "REASON", "DETAIL"])
        for entry in entries {
            table.append([
                entry.worker, entry.createdAt, "\(entry.topic)[\(entry.partition)]@\(entry.offset)", entry.reason,
                entry.detail + ((entry.value ?? entry.valueBase64).map { "\n    \($0)" } ?? ""),
            ])
        }
        return table.text
    }
}
