package import Postgres

/// One row per running copy of a worker, renewed every few seconds.
package struct HeartbeatStore: Sendable {
    private let pool: PostgresPool
    private let schema: String

    /// - Parameter schema: A name from a constant: it is spliced into SQL.
    package init(pool: PostgresPool, schema: String) {
        self.pool = pool
        self.schema = schema
    }

    /// Says that `instance` is alive, with the server's time, and forgets copies not heard of for a day.
    ///
    /// - Parameter status: JSON text.
    package func beat(instance: String, startedAtMilliseconds: Int64, status: [UInt8]) async throws {
        try await pool.withConnection { connection in
            try await connection.pipeline([
                (
                    """
                    INSERT INTO \(schema).heartbeats (instance, started_at, beat_at, status)
                    VALUES ($1, $2, now(), $3)
                    ON CONFLICT (instance) DO UPDATE
                    SET started_at = EXCLUDED.started_at, beat_at = EXCLUDED.beat_at, status = EXCLUDED.status
                    """,
                    [.text(instance), .timestamp(milliseconds: startedAtMilliseconds), .jsonb(status)]
                ),
                ("DELETE FROM \(schema).heartbeats WHERE beat_at < now() - interval '1 day'", []),
            ])
        }
    }

    /// Removes the row at a clean end, so that nobody waits for this copy.
    package func remove(instance: String) async throws {
        try await pool.execute("DELETE FROM \(schema).heartbeats WHERE instance = $1", [.text(instance)])
    }
}
