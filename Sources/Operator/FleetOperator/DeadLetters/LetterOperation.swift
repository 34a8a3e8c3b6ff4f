package import Contracts
import Postgres

/// One redrive or discard of many dead letters: asks for them page by page, and knows where it stands.
///
/// Where it stands is a row in the worker's schema, moved in the transaction that asks. Whoever starts the same action
/// with the same selection while it is unfinished goes on with it.
package struct LetterOperation: Sendable {
    package enum Action: String, Sendable {
        case redrive, discard
    }

    package let id: Int64
    /// Somebody began it before.
    package let isResumed: Bool
    let action: Action
    let selection: LetterSelection
    let startedAt: Int64
    let schema: Schema
    let databases: FleetDatabases

    /// Begins, or finds the unfinished one.
    package init(
        _ action: Action, _ selection: LetterSelection, who: String, reason: String, schema: Schema,
        databases: FleetDatabases
    ) async throws {
        let name = schema.rawValue
        let rows = try await databases.query(
            schema,
            """
            INSERT INTO \(name).operations AS stored (action, selection, asked_by, reason, up_to)
            SELECT $1, $2, $3, $4, coalesce(max(id), 0) FROM \(name).dead_letters
            ON CONFLICT (action, selection) WHERE finished_at IS NULL DO UPDATE SET reached = stored.reached
            RETURNING id, started_at, xmax <> 0
            """,
            [.text(action.rawValue), .text(selection.text), .text(who), .text(reason)])
        let (id, startedAt, isResumed) = try rows[0].decode(Int64.self, PostgresTimestamp.self, Bool.self)
        self.id = id
        self.isResumed = isResumed
        self.startedAt = startedAt.milliseconds
        self.action = action
        self.selection = selection
        self.schema = schema
        self.databases = databases
    }

    /// Asks for the next dead letters.
    /// - Returns: how many it looked at; `nil` when it was through before.
    package func askForMore(_ count: Int) async throws -> Int? {
        let name = schema.rawValue
        let condition = selection.condition(from: 4, now: startedAt)
        return try await databases.withConnection(schema) { connection in
            try await connection.withTransaction { transaction -> Int? in
                let row = try await transaction.execute(
                    "SELECT reached, up_to FROM \(name).operations WHERE id = $1 FOR UPDATE", [.int64(id)])[0]
                let (reached, upTo) = try row.decode(Int64.self, Int64.self)
                guard reached < upTo else { return nil }
                let found = try await transaction.execute(
                    """
                    SELECT id FROM \(name).dead_letters WHERE id > $1 AND id <= $2 AND \(condition.sql)
                    ORDER BY id LIMIT $3
                    """, [.int64(reached), .int64(upTo), .int64(Int64(count))] + condition.binds
                ).map { try $0.decode(Int64.self, at: 0) }
                try await transaction.execute(
                    """
                    INSERT INTO \(name).requests (operation, lane, action, dead_letter, origin)
                    SELECT $1, coalesce(lane, greatest(partition, 0)), $2, id, format('%s[%s]@%s', topic, partition, "offset")
                    FROM \(name).dead_letters WHERE id = ANY ($3) ORDER BY id
                    ON CONFLICT (dead_letter) WHERE done_at IS NULL DO NOTHING
                    """, [.int64(id), .text(action.rawValue), .int64Array(found)])
                try await transaction.execute(
                    "UPDATE \(name).operations SET reached = $2 WHERE id = $1",
                    [.int64(id), .int64(found.count < count ? upTo : found.last ?? upTo)])
                return found.count
            }
        }
    }

    package func finish() async throws {
        _ = try await databases.query(
            schema,
            "UPDATE \(schema.rawValue).operations SET finished_at = now() WHERE id = $1 AND finished_at IS NULL",
            [.int64(id)])
    }
}
