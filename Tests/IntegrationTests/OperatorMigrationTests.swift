import Contracts
import FleetOperator
import Postgres
import TestSupport
import Testing

/// `scrm migrate` on a real server. Needs the `PG*` variables.
@Suite(.requiresPostgres)
struct OperatorMigrationTests {
    private func withDatabases<Result>(
        migrated: Bool, _ body: (TestDatabase, FleetDatabases) async throws -> Result
    ) async throws where Result: Sendable {
        try await TestDatabase.withDatabase(migrated: migrated) { database in
            let databases = FleetDatabases(configurations: { _ in database.configuration(poolSize: 1) })
            do {
                _ = try await body(database, databases)
                await databases.close()
            } catch {
                await databases.close()
                throw error
            }
        }
    }

    /// The server's code when it refuses a statement; `nil` when it doesn't.
    private static func refusal(of sql: String, _ pool: PostgresPool) async -> String? {
        do {
            try await pool.execute(sql)
            return nil
        } catch {
            return (error as? PostgresError)?.sqlState?.rawValue ?? "\(error)"
        }
    }

    @Test func migratingTwiceChangesNothingTheSecondTime() async throws {
        try await withDatabases(migrated: false) { _, databases in
            for schema in Schema.allCases {
                let steps = Migrations.all(for: schema).map(\.name)
                let pendingBefore = try await SchemaMigration.pending(schema, databases)
                let applied = try await SchemaMigration.apply(schema, databases)
                let appliedAgain = try await SchemaMigration.apply(schema, databases)
                let pendingAfter = try await SchemaMigration.pending(schema, databases)
                #expect(pendingBefore == steps)
                #expect(applied == steps)
                #expect(appliedAgain.isEmpty && pendingAfter.isEmpty)
            }
        }
    }

    @Test func aRolePasswordIsSetWhateverItContains() async throws {
        try await withDatabases(migrated: false) { _, databases in
            _ = try await SchemaMigration.apply(.monitor, databases, rolePassword: #"o'; DROP ROLE "x" --\"#)
            let rows = try await databases.query(
                .monitor, "SELECT rolpassword IS NOT NULL FROM pg_authid WHERE rolname = 'scrm_monitor'")
            let isSet = try rows[0].decode(Bool.self, at: 0)
            #expect(isSet)
        }
    }

    @Test func anEditedStepIsRefusedAndNothingIsDone() async throws {
        try await withDatabases(migrated: true) { _, databases in
            _ = try await databases.query(
                .monitor, "UPDATE monitor.migrations SET checksum = 'edited' WHERE position = 0")
            await #expect(throws: OperatorFailure.self) { try await SchemaMigration.apply(.monitor, databases) }
            await #expect(throws: OperatorFailure.self) { try await SchemaMigration.pending(.monitor, databases) }
        }
    }

    @Test(arguments: Schema.allCases) func aWorkersRoleReadsItsOwnSchemaAndNoOther(_ own: Schema) async throws {
        try await withDatabases(migrated: true) { database, _ in
            try await database.withPool(user: own.role, size: 1) { pool in
                for schema in Schema.allCases {
                    let sql = "SELECT count(*) FROM \(schema.rawValue).lanes"
                    if schema == own {
                        _ = try await pool.execute(sql)
                    } else {
                        let code = await Self.refusal(of: sql, pool)
                        #expect(code == "42501")
                    }
                }
            }
        }
    }

    @Test func theMonitorsRoleCannotReadTheArchive() async throws {
        try await withDatabases(migrated: true) { database, _ in
            try await database.withPool(user: Schema.monitor.role, size: 1) { pool in
                let code = await Self.refusal(of: "SELECT text FROM archive.messages", pool)
                #expect(code == "42501")
            }
        }
    }

    @Test func theSummaryOfAnEmptyFleetIsZeroes() async throws {
        try await withDatabases(migrated: true) { _, databases in
            let summary = try await FleetSummary.read(databases, namespace: Namespace())
            #expect(summary.archived == 0 && summary.duplicates == 0 && summary.alertsDelivered == 0)
        }
    }
}
