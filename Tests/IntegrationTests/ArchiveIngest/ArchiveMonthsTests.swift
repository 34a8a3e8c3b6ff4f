import Postgres
import TestSupport
import Testing

/// Months are made ahead and when a message needs one, beside lanes that write.
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

    /// Attaching waits neither for writers and readers, nor do they wait for it, whoever comes first and stays.
    @Test func aMonthIsAttachedWhileOthersWriteAndRead() async throws {
        try await ArchiveHarness.withArchive { archive in
            let pool = archive.pool
            try await archive.execute("SELECT archive.ensure_months('2025-03-01', '2025-03-01')")
            try await pool.withTransaction { writing in
                // All that a lane locks when it writes, held until the end.
                try await writing.execute(
                    """
                    INSERT INTO archive.messages SELECT (jsonb_populate_record(m, $1::text::jsonb)).*
                    FROM (SELECT NULL::archive.messages AS m) AS empty
                    """, [.text(Self.row)])
                try await writing.execute("SELECT count(*) FROM archive.message_log")
                try await pool.withTransaction { attaching in
                    // It gives up by itself when it has to wait.
                    let made = try await attaching.execute("SELECT archive.ensure_months('2024-02-01', '2024-04-01')")
                    #expect(try made[0].decode(Int32.self, at: 0) == 3)
                    try await pool.withTransaction { other in
                        try await other.execute("SET LOCAL lock_timeout = '2s'")
                        try await other.execute("SELECT count(*) FROM archive.message_log")
                        try await other.execute(
                            """
                            INSERT INTO archive.messages SELECT (jsonb_populate_record(m, $1::text::jsonb)).*
                            FROM (SELECT NULL::archive.messages AS m) AS empty
                            """, [.text(Self.row.replacing("\"first\"", with: "\"second\""))])
                    }
                }
                try await writing.execute("SELECT count(*) FROM archive.message_log")
            }
            #expect(try await archive.count("messages") == 2)
            _ = try await archive.ingest([ArchiveHarness.text(1, milliseconds: 1_709_300_000_000)])
            #expect(try await archive.count("messages_2024_03") == 1)
        }
    }

    private static let row = """
        {"filed_at":"2025-03-10 00:00Z","ingested_at":"2025-03-10 00:00Z","raw_offset":1,"raw_partition":0,
         "external":true,"forwarded":false,"corp_id":"ww1","msgid":"first","action":"send","msgtype":"text",
         "sender_kind":"customer","sender_id":"wm1","conversation_kind":"single","conversation_id":"s:a|wm1",
         "recipients":[],"flags":[],"raw":""}
        """

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
