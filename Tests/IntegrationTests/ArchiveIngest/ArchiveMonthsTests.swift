import Postgres
import TestSupport
import Testing

/// Several lanes may meet the first message of a month at the same moment.
@Suite(.requiresPostgres)
struct ArchiveMonthsTests {
    @Test func lanesThatMissTheSameMonthAtOnceMakeItOnce() async throws {
        try await TestDatabase.withDatabase { database in
            try await database.withPool(user: "scrm_archive", size: 8) { pool in
                let created = try await withThrowingTaskGroup(of: Int32.self) { group in
                    for _ in 0..<8 {
                        group.addTask { try await Self.makeMonth(pool) }
                    }
                    return try await group.reduce(0, +)
                }
                #expect(created == 1)
            }
        }
    }

    /// Whoever waits too long for somebody else's commit comes again, as the runtime does.
    private static func makeMonth(_ pool: PostgresPool) async throws -> Int32 {
        while true {
            do {
                return try await pool.withTransaction { transaction in
                    // What each lane does first: it warms the session's caches with "no such table".
                    try await transaction.execute("SELECT count(*) FROM archive.messages")
                    let rows = try await transaction.execute(
                        "SELECT archive.ensure_months('2024-02-01', '2024-02-01')")
                    return try rows[0].decode(Int32.self, at: 0)
                }
            } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
                continue
            }
        }
    }
}
