import ArchiveIngest
import FleetOperator
import Postgres
import TestSupport
import Testing

/// Participants, counts and times of conversations: kept as messages come, and always what a recount gives.
@Suite("Archive: conversations add up", .requiresPostgres)
struct ArchiveConversationTests {
    private typealias Harness = ArchiveHarness

    @Test func countsAreTheSameBeforeAndAfterTheyAreFolded() async throws {
        try await Harness.withArchive { archive in
            for lane in 0..<3 as Range<Int32> {
                let own = (0..<4).map { Harness.text(Int(lane) * 10 + $0, milliseconds: 1_741_571_100_000 + Int64($0)) }
                let customers = Harness.json([
                    "msgid": "\"9\(lane)_1741571200000\"", "from": "\"\(Harness.customer)\"",
                    "tolist": #"["linxiaoman"]"#, "msgtime": "1741571200000",
                ])
                _ = try await archive.ingest(own + [customers, customers], partition: lane)
            }
            let expected = """
                employee_messages = 12 AND customer_messages = 3 AND robot_messages = 0
                AND first_message_at = to_timestamp(1741571100) AND last_message_at = to_timestamp(1741571200)
                AND participants = '{linxiaoman,\(Harness.customer)}'
                """
            #expect(try await archive.count("conversation_log", where: expected) == 1)
            #expect(try await archive.count("conversation_deltas") == 3)
            try await archive.fold()
            #expect(try await archive.count("conversation_deltas") == 0)
            #expect(try await archive.count("conversation_totals") == 1)
            _ = try await archive.ingest([Harness.text(1, milliseconds: 1_741_571_100_001)], partition: 5)
            #expect(try await archive.count("conversation_log", where: expected) == 1)
            #expect(try await archive.differences().isEmpty)
        }
    }

    @Test func whoJoinsLaterTakesPart() async throws {
        try await Harness.withArchive { archive in
            for number in 1...3 {
                _ = try await archive.ingest([Harness.room(number, from: "LinXiaoMan", to: ["ZhaoKai"])])
            }
            _ = try await archive.ingest([Harness.room(4, from: "zhaokai", to: ["linxiaoman", "hejun"])])
            #expect(try await archive.count("participants") == 3)
            #expect(try await archive.differences().isEmpty)
        }
    }

    /// Participants of a new conversation are copied, because nobody can have added any. Rows that were left behind are in
    /// the way: the batch is repeated.
    @Test func participantsLeftBehindOfADeletedConversationAreNoHarm() async throws {
        try await Harness.withArchive { archive in
            _ = try await archive.ingest([Harness.text(1)])
            try await archive.execute("DELETE FROM archive.conversations")
            let outcome = try await archive.ingest([Harness.text(2), Harness.room(3, from: "a", to: ["b"])])
            #expect(outcome.attempts == 2)
            #expect(try await archive.count("participants") == 4)
            #expect(try await archive.differences().isEmpty)
        }
    }

    @Test func aRecountFindsWhatIsWrong() async throws {
        try await Harness.withArchive { archive in
            _ = try await archive.ingest([Harness.text(1), Harness.room(2, from: "a", to: ["b"])])
            try await archive.fold()
            try await archive.execute(
                "UPDATE archive.conversation_totals SET employee_messages = 7 WHERE conversation_id LIKE 's:%'")
            try await archive.execute("DELETE FROM archive.participants WHERE party_id = 'b'")
            let found = try await archive.differences()
            #expect(found.map(\.differs) == [["participants"], ["employee_messages"]])
            try await archive.execute("DELETE FROM archive.conversations WHERE conversation_id LIKE 's:%'")
            #expect(try await archive.differences().map(\.differs) == [["participants"], ["missing"]])
        }
    }
}
