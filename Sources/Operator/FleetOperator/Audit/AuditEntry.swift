import Contracts
import Postgres

/// Something an operator did, as `scrm audit` shows it.
struct AuditEntry: Sendable, Encodable {
    var worker: String
    var operation: Int64
    var startedAt: String
    /// `nil` while it is unfinished.
    var finishedAt: String?
    var action: String
    /// Which dead letters, as JSON, or the key.
    var selection: String
    var askedBy: String
    var databaseUser: String
    var reason: String
    var requests: RequestTally

    static func read(_ schema: Schema, limit: Int, _ databases: FleetDatabases) async throws -> [AuditEntry] {
        var entries: [AuditEntry] = []
        let rows = try await databases.query(
            schema,
            """
            SELECT id, started_at, finished_at, action, selection, asked_by, database_user, reason
            FROM \(schema.rawValue).operations ORDER BY id DESC LIMIT $1
            """, [.int64(Int64(limit))])
        for row in rows {
            let (id, started, finished, action, selection, by, user, reason) = try row.decode(
                Int64.self, PostgresTimestamp.self, PostgresTimestamp?.self, String.self, String.self, String.self,
                String.self, String.self)
            entries.append(
                AuditEntry(
                    worker: schema.program, operation: id, startedAt: Instant.text(started.milliseconds),
                    finishedAt: finished.map { Instant.text($0.milliseconds) }, action: action, selection: selection,
                    askedBy: by, databaseUser: user, reason: reason,
                    requests: try await RequestTally.read(id, schema, databases)))
        }
        return entries
    }

    static func text(_ entries: [AuditEntry]) -> String {
        var table = TextTable(header: ["WORKER", "OPERATION", "TIME", "BY", "ACTION", "WHICH", "RESULT", "REASON"])
        for entry in entries {
            table.append([
                entry.worker, "\(entry.operation)", entry.startedAt, entry.askedBy, entry.action, entry.selection,
                entry.requests.text + (entry.finishedAt == nil ? " (unfinished)" : ""), entry.reason,
            ])
        }
        return table.text
    }
}
