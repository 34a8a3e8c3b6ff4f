import Postgres
import TestSupport
import Testing

@Suite(.requiresPostgres)
struct PostgresMigratorTests {
    private static let one = MigrationStep(
        name: "V1_one", sql: "CREATE TABLE shop.one (id int8); CREATE TABLE shop.uno ()")
    private static let two = MigrationStep(name: "V2_two", sql: "ALTER TABLE shop.one ADD COLUMN name text")
    private static let three = MigrationStep(name: "V3_three", sql: "INSERT INTO shop.one VALUES (1, 'a')")

    private func withDatabase(_ body: (PostgresPool) async throws -> Void) async throws {
        try await TestDatabase.withDatabase(migrated: false) { database in
            try await database.withPool { pool in try await body(pool) }
        }
    }

    private func apply(_ steps: [MigrationStep], _ pool: PostgresPool) async throws -> [String] {
        try await pool.withConnection { try await Migrator.apply(steps, schema: "shop", on: $0) }
    }

    @Test func stepsAreAppliedOnceAndInOrder() async throws {
        try await withDatabase { pool in
            let pending = try await pool.withConnection {
                try await Migrator.pending([Self.one, Self.two], schema: "shop", on: $0)
            }
            #expect(pending == ["V1_one", "V2_two"])
            let first = try await apply([Self.one, Self.two], pool)
            let again = try await apply([Self.one, Self.two], pool)
            let more = try await apply([Self.one, Self.two, Self.three], pool)
            #expect(first == ["V1_one", "V2_two"])
            #expect(again == [])
            #expect(more == ["V3_three"])
            let rows = try await pool.execute("SELECT count(*) FROM shop.one WHERE name = 'a'")
            let count = try rows[0].decode(Int64.self, at: 0)
            #expect(count == 1)
        }
    }

    @Test func twoAtOnceApplyEachStepOnce() async throws {
        try await withDatabase { pool in
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<3 { group.addTask { try await apply([Self.one, Self.two, Self.three], pool) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied == ["V1_one", "V2_two", "V3_three"])
        }
    }

    @Test func aStepThatFailsLeavesTheSchemaAsItWas() async throws {
        try await withDatabase { pool in
            _ = try await apply([Self.one], pool)
            let broken = MigrationStep(name: "V3_broken", sql: "CREATE TABLE shop.half (); SELECT nonsense")
            let error = await #expect(throws: MigrationError.self) {
                try await apply([Self.one, Self.two, broken], pool)
            }
            guard case .failed("shop", "V3_broken", .server(let report)) = error else {
                Issue.record("unexpected: \(String(describing: error))")
                return
            }
            #expect(report.sqlState == SQLState(rawValue: "42703"))
            let applied = try await apply([Self.one, Self.two], pool)
            #expect(applied == ["V2_two"])
        }
    }

    @Test func anInconsistentHistoryIsRefusedSayingWhatToDo() async throws {
        try await withDatabase { pool in
            _ = try await apply([Self.one, Self.two], pool)
            var edited = Self.one
            edited.sql += " -- edited"
            let early = MigrationStep(name: "V1b_early", sql: "SELECT 1")
            for (steps, expected, advice) in [
                ([edited, Self.two], MigrationError.changed(schema: "shop", step: "V1_one"), "new step"),
                (
                    [Self.one, early, Self.two],
                    .missing(schema: "shop", step: "V1b_early", before: "V2_two"), "at the end"
                ),
                ([Self.one], .unknown(schema: "shop", step: "V2_two"), "newer"),
                ([Self.one, Self.two, Self.two], .duplicate(schema: "shop", step: "V2_two"), "Rename"),
            ] {
                let error = await #expect(throws: MigrationError.self) { try await apply(steps, pool) }
                #expect(error == expected)
                #expect("\(try #require(error))".contains(advice))
            }
        }
    }
}
