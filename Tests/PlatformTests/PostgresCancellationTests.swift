import Postgres
import TestSupport
import Testing

@Suite(.requiresPostgres)
struct PostgresCancellationTests {
    /// Waits until the server runs a statement like this in that session.
    private func waitUntilRunning(_ statement: String, pid: Int32) async throws {
        try await TestDatabase.withServer { observer in
            try await eventually("the server runs \(statement)") {
                try await !observer.execute(
                    "SELECT FROM pg_stat_activity WHERE pid = $1 AND state = 'active' AND query LIKE $2",
                    [.int32(pid), .text("%\(statement)%")]
                ).isEmpty
            }
        }
    }

    @Test func cancellingTheTaskCancelsTheStatementAndKeepsTheConnection() async throws {
        try await TestDatabase.withServer { connection in
            let pid = await connection.backendProcessID
            let sleeping = Task { try await connection.execute("SELECT pg_sleep(600)") }
            try await waitUntilRunning("pg_sleep(600)", pid: pid)
            sleeping.cancel()
            await #expect(throws: PostgresError.cancelled) { try await sleeping.value }
            let rows = try await connection.execute("SELECT pg_backend_pid()")
            let after = try rows[0].decode(Int32.self, at: 0)
            #expect(after == pid)
        }
    }

    @Test func cancellingInsideATransactionRollsBackAndKeepsTheConnection() async throws {
        try await TestDatabase.withServer { connection in
            try await connection.executeScript("CREATE TEMP TABLE undone (id int8)")
            let pid = await connection.backendProcessID
            let task = Task {
                try await connection.withTransaction { transaction in
                    try await transaction.execute("INSERT INTO undone VALUES (1)")
                    try await transaction.execute("SELECT pg_sleep(601)")
                }
            }
            try await waitUntilRunning("pg_sleep(601)", pid: pid)
            task.cancel()
            await #expect(throws: PostgresError.cancelled) { try await task.value }
            let rows = try await connection.execute("SELECT pg_backend_pid(), count(*) FROM undone")
            let (after, count) = try rows[0].decode(Int32.self, Int64.self)
            #expect(after == pid)
            #expect(count == 0)
        }
    }

    @Test func cancellingACopyThatWaitsForALockKeepsTheConnection() async throws {
        try await TestDatabase.withDatabase(migrated: false) { database in
            try await database.withPool { pool in
                try await pool.execute("CREATE TABLE locked (id int8)")
                try await pool.withTransaction { holder in
                    try await holder.execute("LOCK TABLE locked IN ACCESS EXCLUSIVE MODE")
                    try await pool.withConnection { connection in
                        let pid = await connection.backendProcessID
                        var buffer = PostgresCopyBuffer(table: "locked", columns: ["id"])
                        buffer.row { row in row.append(int64: 1) }
                        let rows = buffer
                        let copying = Task { try await connection.copy(rows) }
                        try await waitUntilRunning("COPY", pid: pid)
                        copying.cancel()
                        await #expect(throws: PostgresError.cancelled) { try await copying.value }
                        let answer = try await connection.execute("SELECT pg_backend_pid()")
                        let after = try answer[0].decode(Int32.self, at: 0)
                        #expect(after == pid)
                    }
                }
            }
        }
    }

    @Test func aBodyThatReturnsInACancelledTaskDoesNotCommit() async throws {
        try await TestDatabase.withServer { connection in
            try await connection.executeScript("CREATE TEMP TABLE undone (id int8)")
            let task = Task {
                try await connection.withTransaction { transaction in
                    try await transaction.execute("INSERT INTO undone VALUES (1)")
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            await #expect(throws: PostgresError.cancelled) { try await task.value }
            let count = try await connection.execute("SELECT FROM undone").count
            #expect(count == 0)
        }
    }

    @Test func aTaskThatIsAlreadyCancelledSendsNothing() async throws {
        try await TestDatabase.withServer { connection in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await connection.execute("SELECT 1")
            }
            await #expect(throws: PostgresError.cancelled) { try await task.value }
        }
    }
}
