package import Contracts
import Postgres

/// Asks the owners of a worker's lanes to park or unpark one key.
package struct KeyOperation: Sendable {
    package enum Action: String, Sendable {
        case park, unpark
    }

    let action: Action
    let key: [UInt8]
    let schema: Schema
    let databases: FleetDatabases

    package init(action: Action, key: [UInt8], schema: Schema, databases: FleetDatabases) {
        self.action = action
        self.key = key
        self.schema = schema
        self.databases = databases
    }

    /// Lanes where there is something to do, with `$1` for the key.
    private var lanesSQL: String {
        let name = schema.rawValue
        return switch action {
        case .park:
            """
            SELECT lane FROM \(name).lanes AS wanted WHERE NOT EXISTS (
                SELECT FROM \(name).parked_keys AS parked WHERE parked.lane = wanted.lane AND key = $1 AND held)
            """
        case .unpark: "SELECT lane FROM \(name).parked_keys WHERE key = $1 AND leaves_topics IS NULL"
        }
    }

    package func lanes() async throws -> [Int32] {
        try await databases.query(schema, lanesSQL + " ORDER BY lane", [.bytes(key)]).map {
            try $0.decode(Int32.self, at: 0)
        }
    }

    /// Asks the lanes that need it and were not asked already.
    ///
    /// Whoever asks for the same while it is unfinished joins in.
    /// - Parameter selection: the key, as text for people.
    /// - Returns: the operation's id; `nil` when there is nothing to do.
    package func ask(who: String, reason: String, selection: String) async throws -> Int64? {
        let name = schema.rawValue
        return try await databases.withConnection(schema) { connection in
            try await connection.withTransaction { transaction -> Int64? in
                let id = try await transaction.execute(
                    """
                    INSERT INTO \(name).operations AS stored (action, selection, asked_by, reason)
                    SELECT $2, $3, $4, $5 WHERE EXISTS (\(lanesSQL))
                    ON CONFLICT (action, selection) WHERE finished_at IS NULL DO UPDATE SET reached = stored.reached
                    RETURNING id
                    """,
                    [
                        .bytes(key), .text(action.rawValue), .text(selection.replacing("\0", with: "\u{FFFD}")),
                        .text(who), .text(reason),
                    ]
                ).first?.decode(Int64.self, at: 0)
                guard let id else { return nil }
                try await transaction.execute(
                    """
                    INSERT INTO \(name).requests (operation, lane, action, key)
                    SELECT $2, needed.lane, $3, $1 FROM (\(lanesSQL)) AS needed
                    WHERE NOT EXISTS (
                        SELECT FROM \(name).requests AS asked WHERE asked.lane = needed.lane AND asked.done_at IS NULL
                            AND asked.action = $3 AND asked.key = $1)
                    ORDER BY needed.lane
                    """, [.bytes(key), .int64(id), .text(action.rawValue)])
                return id
            }
        }
    }

    package func finish(_ operation: Int64) async throws {
        _ = try await databases.query(
            schema,
            "UPDATE \(schema.rawValue).operations SET finished_at = now() WHERE id = $1 AND finished_at IS NULL",
            [.int64(operation)])
    }
}
