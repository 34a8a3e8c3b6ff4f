package import Postgres

/// Who holds the locks that this process waits for.
package struct LockHolderStore: Sendable {
    private let pool: PostgresPool
    private let schema: String

    /// - Parameter schema: A name from a constant: it is spliced into SQL.
    package init(pool: PostgresPool, schema: String) {
        self.pool = pool
        self.schema = schema
    }

    /// The sessions in a few words; `nil` when no session of this process waits for a lock.
    ///
    /// Names process id, program, role, state, kind of statement and age; never the statement, which may hold values.
    package func holders() async throws -> String? {
        let rows = try await pool.execute(
            "SELECT pid, program, role, state, statement, seconds FROM \(schema).lock_holders($1)",
            [.text(pool.configuration.applicationName)])
        if rows.isEmpty { return nil }
        return try rows.map { row in
            let (pid, program, role, state, statement, seconds) = try row.decode(
                Int32.self, String?.self, String?.self, String?.self, String?.self, Int64?.self)
            // PostgreSQL's number for a transaction that was prepared and not finished.
            if pid == 0 { return "held by a prepared transaction" }
            let who = [program.map { "program \($0)" }, role.map { "role \($0)" }].compactMap(\.self)
            let what = [state, statement].compactMap(\.self) + (seconds.map { ["for \($0) s"] } ?? [])
            return "held by pid \(pid) (\((who + [what.joined(separator: " ")]).joined(separator: ", ")))"
        }.joined(separator: ", ")
    }
}
