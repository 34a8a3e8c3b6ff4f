import Postgres
import TestSupport
import Testing

@Suite(.requiresPostgres)
struct PostgresTransactionTests {
    private struct Regret: Error {}

    private func count(_ connection: PostgresConnection) async throws -> Int64 {
        try await connection.execute("SELECT count(*) FROM kept")[0].decode(Int64.self, at: 0)
    }

    private func withTable(_ body: (PostgresConnection) async throws -> Void) async throws {
        try await TestDatabase.withServer { connection in
            try await connection.executeScript("CREATE TEMP TABLE kept (id int8 PRIMARY KEY DEFERRABLE)")
            try await body(connection)
        }
    }

    @Test func returningCommitsAndThrowingRollsBack() async throws {
        try await withTable { connection in
            let answer = try await connection.withTransaction { transaction in
                try await transaction.execute("INSERT INTO kept VALUES (1)")
                return "done"
            }
            #expect(answer == "done")
            await #expect(throws: Regret.self) {
                try await connection.withTransaction { transaction in
                    try await transaction.execute("INSERT INTO kept VALUES (2)")
                    throw Regret()
                }
            }
            let stored = try await count(connection)
            #expect(stored == 1)
        }
    }

    @Test func aSwallowedFailureDoesNotCommit() async throws {
        try await withTable { connection in
            await #expect(throws: PostgresError.rolledBack) {
                try await connection.withTransaction { transaction in
                    try await transaction.execute("INSERT INTO kept VALUES (1)")
                    do { try await transaction.execute("SELECT nonsense") } catch {}
                }
            }
            let stored = try await count(connection)
            #expect(stored == 0)
        }
    }

    @Test func aFailureOfCommitItselfIsNoUnknownOutcome() async throws {
        try await withTable { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withTransaction { transaction in
                    try await transaction.executeScript(
                        "SET CONSTRAINTS ALL DEFERRED; INSERT INTO kept VALUES (1), (1)")
                }
            }
            #expect(error?.sqlState == .uniqueViolation)
            let stored = try await count(connection)
            #expect(stored == 0)
        }
    }

    @Test func anOpeningStatementThatFailsKeepsTheBodyFromRunning() async throws {
        try await withTable { connection in
            var ran = false
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withTransaction(
                    opening: [("INSERT INTO kept VALUES (1)", []), ("SELECT 1 / $1::int4", [.int32(0)])]
                ) { _ in ran = true }
            }
            #expect(error?.sqlState == .divisionByZero)
            #expect(!ran)
            let stored = try await count(connection)
            #expect(stored == 0)
        }
    }

    @Test func aTransactionUsedAfterItsEndIsOurMistake() async throws {
        try await withTable { connection in
            let escaped = try await connection.withTransaction { transaction in transaction }
            await #expect(throws: PostgresError.misuse("the transaction has ended")) {
                try await escaped.execute("INSERT INTO kept VALUES (1)")
            }
            try await connection.withTransaction { _ in
                await #expect(throws: PostgresError.misuse("the transaction has ended")) {
                    try await escaped.execute("INSERT INTO kept VALUES (1)")
                }
            }
            let stored = try await count(connection)
            #expect(stored == 0)
        }
    }

    @Test func aSessionEndedByTheServerFailsTheTransactionAndIsNotReused() async throws {
        try await TestDatabase.withDatabase(migrated: false) { database in
            try await database.withPool(size: 1) { pool in
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.withTransaction { transaction in
                        try await transaction.execute("SELECT pg_terminate_backend(pg_backend_pid())")
                    }
                }
                #expect(error?.sqlState == .adminShutdown)
                let answer = try await pool.execute("SELECT 1").count
                #expect(answer == 1)
            }
        }
    }

    @Test func aSessionEndedDuringCommitIsAnUnknownOutcome() async throws {
        try await TestDatabase.withDatabase(migrated: false) { database in
            try await database.withPool(size: 1) { pool in
                // A deferred trigger runs inside COMMIT.
                try await pool.withConnection { connection in
                    try await connection.executeScript(
                        """
                        CREATE TABLE doomed (id int8);
                        CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
                        $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
                        CREATE CONSTRAINT TRIGGER die AFTER INSERT ON doomed DEFERRABLE INITIALLY DEFERRED
                        FOR EACH ROW EXECUTE FUNCTION die();
                        """)
                }
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.withTransaction { transaction in
                        try await transaction.execute("INSERT INTO doomed VALUES (1)")
                    }
                }
                guard case .commitUnknown = error else {
                    Issue.record("unexpected: \(String(describing: error))")
                    return
                }
                let rows = try await pool.execute("SELECT FROM doomed")
                #expect(rows.isEmpty)
            }
        }
    }
}
