/// Brings a schema to the newest step.
///
/// All missing steps are applied in one transaction under an advisory lock, so two callers at once apply them once, and
/// a step that fails leaves the schema as it was. What was applied is kept in `<schema>.migrations`.
package enum Migrator {
    /// How long a step waits for a table that a worker is using, before everything is rolled back.
    private static let lockTimeout = "10s"

    /// Creates the schema if it is missing and applies what it lacks.
    ///
    /// - Parameter schema: A name from a constant: it is spliced into SQL.
    /// - Returns: The names of the steps applied now.
    /// - Throws: ``MigrationError`` if the history does not fit or a step fails; ``PostgresError``.
    @discardableResult
    package static func apply(
        _ steps: [MigrationStep], schema: String, on connection: PostgresConnection
    ) async throws -> [String] {
        try await connection.withTransaction { transaction in
            try await transaction.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended('migrations of ' || $1, 0))", [.text(schema)])
            try await transaction.executeScript(
                """
                SET LOCAL lock_timeout = '\(lockTimeout)';
                CREATE SCHEMA IF NOT EXISTS \(schema);
                CREATE TABLE IF NOT EXISTS \(schema).migrations (
                    position   integer PRIMARY KEY,
                    name       text NOT NULL UNIQUE,
                    checksum   text NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now()
                );
                """)
            let wanted = try await entries(steps, in: transaction)
            let history = try await history(of: schema, in: transaction)
            let done = try history.appliedPrefix(of: wanted)
            for (index, step) in steps.enumerated().dropFirst(done) {
                do throws(PostgresError) {
                    try await transaction.executeScript(step.sql)
                    try await transaction.execute(
                        "INSERT INTO \(schema).migrations (position, name, checksum) VALUES ($1, $2, $3)",
                        [.int64(Int64(index)), .text(step.name), .text(wanted[index].checksum)])
                } catch {
                    if case .cancelled = error { throw error }
                    throw MigrationError.failed(schema: schema, step: step.name, error)
                }
            }
            return steps.dropFirst(done).map(\.name)
        }
    }

    /// The steps that ``apply(_:schema:on:)`` would apply. Changes nothing.
    package static func pending(
        _ steps: [MigrationStep], schema: String, on connection: PostgresConnection
    ) async throws -> [String] {
        try await connection.withTransaction { transaction in
            let exists = try await transaction.execute(
                "SELECT to_regclass($1) IS NOT NULL", [.text("\(schema).migrations")])
            guard try exists[0].decode(Bool.self, at: 0) else { return steps.map(\.name) }
            let history = try await history(of: schema, in: transaction)
            let done = try history.appliedPrefix(of: try await entries(steps, in: transaction))
            return steps.dropFirst(done).map(\.name)
        }
    }

    private static func history(
        of schema: String, in transaction: PostgresTransaction
    ) async throws(PostgresError) -> MigrationHistory {
        let rows = try await transaction.execute("SELECT name, checksum FROM \(schema).migrations ORDER BY position")
        var applied: [MigrationHistory.Entry] = []
        for row in rows {
            let (name, checksum) = try row.decode(String.self, String.self)
            applied.append(MigrationHistory.Entry(name: name, checksum: checksum))
        }
        return MigrationHistory(schema: schema, applied: applied)
    }

    /// The server computes the SHA-256, which saves this module a dependency.
    private static func entries(
        _ steps: [MigrationStep], in transaction: PostgresTransaction
    ) async throws(PostgresError) -> [MigrationHistory.Entry] {
        let rows = try await transaction.execute(
            """
            SELECT encode(sha256(convert_to(sql, 'UTF8')), 'hex')
            FROM unnest($1::text[]) WITH ORDINALITY AS step (sql, position)
            ORDER BY position
            """, [.textArray(steps.map(\.sql))])
        var entries: [MigrationHistory.Entry] = []
        for (step, row) in zip(steps, rows) {
            entries.append(MigrationHistory.Entry(name: step.name, checksum: try row.decode(String.self, at: 0)))
        }
        return entries
    }
}
