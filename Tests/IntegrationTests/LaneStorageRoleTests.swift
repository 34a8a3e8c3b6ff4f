import Contracts
import LaneStorage
import Postgres
import TestSupport
import Testing
import WorkerRuntime

@Suite(.requiresPostgres)
struct LaneStorageRoleTests {
    @Test(arguments: Schema.allCases)
    func aWorkersRoleReadsItsOwnSchemaOnly(own: Schema) async throws {
        try await TestDatabase.withDatabase { database in
            try await database.withPool(user: own.role) { pool in
                for schema in Schema.allCases {
                    let query = "SELECT count(*) FROM \(schema.rawValue).lanes"
                    if schema == own {
                        let count = try await pool.execute(query)[0].decode(Int64.self, at: 0)
                        #expect(count == 0)
                    } else {
                        let error = await #expect(throws: PostgresError.self) { try await pool.execute(query) }
                        #expect(error?.sqlState == .insufficientPrivilege)
                    }
                }
            }
        }
    }

    @Test func theMonitorsRoleCannotReadTheArchive() async throws {
        try await TestDatabase.withDatabase { database in
            try await database.withPool(user: Schema.monitor.role) { pool in
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.execute("SELECT * FROM archive.messages LIMIT 1")
                }
                #expect(error?.sqlState == .insufficientPrivilege)
            }
        }
    }

    @Test func aWorkersRoleCannotRewriteItsMigrations() async throws {
        try await TestDatabase.withDatabase { database in
            try await database.withPool(user: Schema.monitor.role) { pool in
                let names = try await pool.execute("SELECT name FROM monitor.migrations").count
                #expect(names > 0)
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.execute("DELETE FROM monitor.migrations")
                }
                #expect(error?.sqlState == .insufficientPrivilege)
            }
        }
    }

    @Test func theGrantsMayBeRepeatedAndCoverLaterTables() async throws {
        try await TestDatabase.withDatabase { database in
            try await database.withPool { pool in
                try await pool.withConnection { owner in
                    try await owner.executeScript(SchemaRole.sql(for: .archive))
                    try await owner.executeScript("CREATE TABLE archive.later (id bigserial, note text)")
                }
            }
            try await database.withPool(user: Schema.archive.role) { pool in
                let inserted = try await pool.execute("INSERT INTO archive.later (note) VALUES ('x')").affected
                #expect(inserted == 1)
            }
        }
    }

    @Test func heartbeatsAreRenewedAndOldOnesForgotten() async throws {
        try await TestDatabase.withDatabase { database in
            try await database.withPool(user: Schema.archive.role) { pool in
                let store = HeartbeatStore(pool: pool, schema: "archive")
                try await pool.execute(
                    "INSERT INTO archive.heartbeats VALUES ('gone', now(), now() - interval '25 hours', '{}')")
                try await store.beat(instance: "a", startedAtMilliseconds: 1000, status: Array(#"{"n": 1}"#.utf8))
                try await store.beat(instance: "a", startedAtMilliseconds: 1000, status: Array(#"{"n": 2}"#.utf8))
                let rows = try await pool.execute(
                    "SELECT instance, started_at, status FROM archive.heartbeats WHERE beat_at > now() - interval '1 hour'"
                )
                #expect(rows.count == 1)
                let (instance, started, status) = try rows[0].decode(
                    String.self, PostgresTimestamp.self, String.self)
                #expect(instance == "a")
                #expect(started.milliseconds == 1000)
                #expect(status == #"{"n": 2}"#)
                let all = try await pool.execute("SELECT FROM archive.heartbeats").count
                #expect(all == 1)
                try await store.remove(instance: "a")
                let none = try await pool.execute("SELECT FROM archive.heartbeats").count
                #expect(none == 0)
            }
        }
    }

    @Test func theSnapshotAdoptedLastIsTheLatest() async throws {
        try await TestDatabase.withDatabase { database in
            try await database.withPool(user: Schema.monitor.role) { pool in
                let store = SnapshotStore(pool: pool, schema: "monitor")
                let old = StoredSnapshot(key: "corp/rules", version: "v1", value: [0, 1])
                let new = StoredSnapshot(key: "corp/rules", version: "v2", value: [])
                let other = StoredSnapshot(key: "*/corps", version: "v1", value: [2])
                try await store.save(kind: "rules", old)
                try await store.save(kind: "rules", new)
                try await store.save(kind: "rules", other)
                try await store.save(kind: "corps", old)
                let latest = try await store.latest(kind: "rules")
                #expect(latest == [other, new])
                try await store.save(kind: "rules", old)
                let undone = try await store.latest(kind: "rules")
                #expect(undone == [other, old])
            }
        }
    }
}
