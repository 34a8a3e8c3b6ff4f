import ArchiveIngest
import Foundation
import Postgres
import Records
import TestSupport
import Testing
import WorkerRuntime

@Suite("Archive: every message is stored once", .requiresPostgres)
struct ArchiveIngestTests {
    private typealias Harness = ArchiveHarness

    @Test func everyKindIsStoredAndPublishedOnce() async throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let lines = try String(
            contentsOf: tests.appending(path: "Fixtures/ConversationArchive/every-kind.jsonl"), encoding: .utf8
        )
        .split(separator: "\n").map { #"{"corp_id":"\#(Harness.corpID)","# + $0.dropFirst() }
        try await Harness.withArchive { archive in
            let outcome = try await archive.ingest(lines)
            #expect(outcome.attempts == 1)
            #expect(outcome.messages().count == 31)
            #expect(try await archive.count("messages") == 31)
            #expect(try await archive.count("switches", where: "user_id = 'LinXiaoMan'") == 1)
            #expect(try await archive.count("consents", where: "agreed") == 1)
            #expect(try await archive.count("consents", where: "NOT agreed AND employee_id = 'hejun'") == 1)
            #expect(try await archive.count("message_log", where: "recalled AND msgtype = 'text'") == 1)
            #expect(try await archive.count("message_log", where: "recalled") == 1)
            #expect(try await archive.count("messages", where: "flags <> '{}'") == 0)
            #expect(try await archive.count("messages", where: "msgtype = 'chatrecord' AND forwarded") == 1)
            #expect(try await archive.count("versions") == 0)
            let groups = try await archive.count("messages", where: "room_id IS NOT NULL")
            #expect(try await archive.count("messages", where: "conversation_kind = 'group'") == groups)
        }
    }

    @Test func theBytesStayAsTheyCame() async throws {
        try await Harness.withArchive { archive in
            let value = Harness.text(1, content: #"a\u0000b"#)
            _ = try await archive.ingest([value])
            let rows = try await archive.pool.withConnection { connection in
                try await connection.execute("SELECT raw, text, flags FROM archive.messages")
            }
            let (raw, text, flags) = try rows[0].decode([UInt8].self, String.self, [String].self)
            #expect(raw == Array(value.utf8))
            #expect(text == "ab")
            #expect(flags == ["text_repaired"])
        }
    }

    @Test func aRedeliveredBatchWritesAndPublishesNothing() async throws {
        try await Harness.withArchive { archive in
            let values = (0..<50).map { Harness.text($0) }
            #expect(try await archive.ingest(values).messages().count == 50)
            let again = try await archive.ingest(values.shuffled(), partition: 3)
            #expect(again.attempts == 2)
            #expect(again.effects.derived.isEmpty)
            let third = try await archive.ingest(values, partition: 3, firstOffset: 50)
            #expect(third.attempts == 1, "the lane remembers that its stream is a replay")
            #expect(third.effects.derived.isEmpty)
            #expect(try await archive.count("messages") == 50)
            #expect(try await archive.count("versions") == 0)
            #expect(try await archive.count("conversations") == 1)
        }
    }

    @Test func onlyWhatIsNewIsPublished() async throws {
        try await Harness.withArchive { archive in
            _ = try await archive.ingest([Harness.text(1), Harness.text(3)])
            let outcome = try await archive.ingest((0..<5).map { Harness.text($0) }, partition: 1, firstOffset: 70)
            #expect(outcome.effects.derived.map(\.originOffset) == [70, 70, 72, 72, 74, 74])
            #expect(outcome.effects.derived.allSatisfy { $0.origin.partition == 1 })
            #expect(try await archive.count("messages") == 5)
        }
    }

    @Test func duplicatesInsideABatchAreStoredOnce() async throws {
        try await Harness.withArchive { archive in
            let outcome = try await archive.ingest([
                Harness.text(1, seq: 5), Harness.text(2), Harness.text(1, seq: 9), Harness.text(1, seq: 5),
            ])
            #expect(outcome.attempts == 1)
            #expect(outcome.messages().count == 2)
            #expect(try await archive.count("messages", where: "seq = 5") == 1)
            #expect(try await archive.count("versions") == 0)
        }
    }

    @Test func anotherVersionIsKeptFlaggedAndNotPublished() async throws {
        try await Harness.withArchive { archive in
            let first = Harness.text(1, content: "原来")
            let other = Harness.text(1, content: "改过")
            let outcome = try await archive.ingest([first, other])
            #expect(outcome.messages().count == 1)
            #expect(try await archive.count("versions") == 1)
            #expect(try await archive.ingest([other], partition: 1).messages().isEmpty)
            #expect(try await archive.ingest([first], partition: 1).messages().isEmpty)
            #expect(try await archive.count("versions") == 1)
            #expect(try await archive.count("message_log", where: "has_other_versions AND text = '原来'") == 1)
        }
    }

    @Test(arguments: ["125289002219525886341", "CAQQluDa4QUY0On2rYSAgAMgzPrShAE="])
    func anIDWithoutATimeIsUniqueWhateverItsTime(id: String) async throws {
        try await Harness.withArchive { archive in
            let first = Harness.text(1, id: id)
            let later = Harness.text(1, id: id, milliseconds: 1_751_571_101_223)
            let undated = Harness.text(1, id: id, milliseconds: 0)
            let outcome = try await archive.ingest([first, Harness.text(2)])
            #expect(outcome.messages().count == 2)
            #expect(try await archive.ingest([first], partition: 1).messages().isEmpty)
            #expect(try await archive.ingest([later, undated], partition: 2).messages().isEmpty)
            #expect(try await archive.count("messages", where: "msgid = '\(id)'") == 1)
            #expect(try await archive.count("versions", where: "msgid = '\(id)'") == 2)
        }
    }

    @Test func aMessageWithoutAnyTimeIsUndated() async throws {
        try await Harness.withArchive { archive in
            let outcome = try await archive.ingest([Harness.text(1, id: "abc", milliseconds: 0)])
            let event = try JSONSerialization.jsonObject(with: Data(outcome.messages()[0].value ?? []))
            #expect((event as? [String: Any])?["filed_at"] == nil)
            #expect(try await archive.count("messages_undated", where: "sent_at IS NULL") == 1)
            #expect(try await archive.count("messages_undated", where: "'time_suspect' = ANY (flags)") == 1)
        }
    }

    @Test(arguments: [false, true])
    func aRecallMeetsItsTargetFromEitherSide(recallFirst: Bool) async throws {
        try await Harness.withArchive { archive in
            let recall = """
                {"msgid":"77_1741571190012_external","action":"recall","from":"LinXiaoMan",\
                "tolist":["\(Harness.customer)"],"msgtime":1741571189940,"msgtype":"revoke",\
                "revoke":{"pre_msgid":"1001_1741571101223"},"corp_id":"\(Harness.corpID)"}
                """
            let values = [Harness.text(1), recall]
            for value in recallFirst ? values.reversed() : values { _ = try await archive.ingest([value]) }
            #expect(try await archive.count("message_log", where: "recalled AND text = '您好'") == 1)
            #expect(try await archive.count("recalls") == 1)
            _ = try await archive.ingest([recall], partition: 5)
            #expect(try await archive.count("recalls") == 1)
        }
    }

    @Test(arguments: [
        (Int64(1_451_606_400_000), "messages_past"), (1_577_836_800_000, "messages_2020_01"),
        (1_740_787_199_999, "messages_2025_02"), (1_740_787_200_000, "messages_2025_03"),
        (2_082_758_399_999, "messages_2035_12"), (2_082_758_400_000, "messages_future"),
    ])
    func everyMonthHasAPlace(milliseconds: Int64, partition: String) async throws {
        try await Harness.withArchive { archive in
            for number in 0..<3 {
                _ = try await archive.ingest([Harness.text(number, milliseconds: milliseconds)])
            }
            #expect(try await archive.count(partition) == 3)
        }
    }

    @Test func aDroppedMonthIsMadeAgain() async throws {
        try await Harness.withArchive { archive in
            for number in 0..<3 { _ = try await archive.ingest([Harness.text(number)]) }
            try await TestDatabase.withServer(database: database(of: archive)) { server in
                try await server.execute("DROP TABLE archive.messages_2025_03")
            }
            let failure = await #expect(throws: (any Error).self) { try await archive.ingest([Harness.text(9)]) }
            #expect((failure as? any Disposed)?.disposition == .retry)
            #expect(try await archive.ingest([Harness.text(9)]).messages().count == 1)
        }
    }

    @Test func conversationsKnowTheirFirstAndLastMessage() async throws {
        try await Harness.withArchive { archive in
            let base: Int64 = 1_741_571_100_000
            for offset in [5000, 1000, 9000] as [Int64] {
                _ = try await archive.ingest([Harness.text(Int(offset), milliseconds: base + offset)])
            }
            let found = try await archive.count(
                "conversation_log",
                where: """
                    external AND kind = 'single' AND conversation_id = 's:linxiaoman|\(Harness.customer)'
                    AND first_message_at = to_timestamp(1741571101) AND last_message_at = to_timestamp(1741571109)
                    """)
            #expect(found == 1)
        }
    }

    @Test func aConversationWhoseTransactionWasRolledBackIsNotTakenForStored() async throws {
        try await Harness.withArchive { archive in
            for _ in 0..<3 {
                await #expect(throws: CancellationError.self) {
                    try await archive.ingest([Harness.text(1)], failing: CancellationError())
                }
            }
            #expect(try await archive.count("conversations") == 0)
            for number in 1...3 { _ = try await archive.ingest([Harness.text(number)]) }
            #expect(try await archive.count("conversations") == 1)
        }
    }

    @Test func aConversationThatSomebodyFromOutsideJoinsBecomesExternal() async throws {
        try await Harness.withArchive { archive in
            let inside = Harness.room(1, from: "LinXiaoMan", to: ["ZhaoKai"])
            let joined = Harness.room(2, from: "LinXiaoMan", to: ["ZhaoKai", Harness.customer])
            for values in [
                [inside], [inside], [inside], [Harness.room(3, from: "ZhaoKai", to: ["LinXiaoMan"]), joined],
            ] {
                _ = try await archive.ingest(values)
            }
            #expect(try await archive.count("conversations") == 1)
            #expect(try await archive.count("conversations", where: "external") == 1)
            _ = try await archive.ingest([Harness.room(4, from: "ZhaoKai", to: ["LinXiaoMan"])])
            #expect(try await archive.count("conversations", where: "external") == 1)
        }
    }

    @Test func customerActivityIsPublishedBesideTheMessage() async throws {
        try await Harness.withArchive { archive in
            let outcome = try await archive.ingest([Harness.text(1)])
            let event = try #require(outcome.customerEvents().first)
            #expect(event.key == Array(Harness.customer.utf8))
            #expect(
                String(decoding: event.value ?? [], as: UTF8.self) == """
                    {"corp_id":"ww1c0ffee","customer_id":"\(Harness.customer)","source":"archive",\
                    "type":"chat.message","event_id":"1001_1741571101223_external","occurred_at":1741571101223,\
                    "side":"employee","employee_id":"LinXiaoMan",\
                    "conversation_id":"s:linxiaoman|\(Harness.customer)"}
                    """)
        }
    }

    @Test func whatIsNoMessageHasItsReason() async throws {
        try await Harness.withArchive { archive in
            let records = [
                Record(topic: "t", partition: 0, offset: 0), Record(topic: "t", partition: 0, offset: 1, value: []),
                Record(topic: "t", partition: 0, offset: 2, value: Array(#"{"msgid":"1","corp_id":"x"}"#.utf8)),
            ]
            let reasons = records.map { record -> String? in
                do throws(Undecodable) {
                    _ = try archive.handler.decode(record)
                    return nil
                } catch {
                    return error.reason
                }
            }
            #expect(reasons == ["malformed_json", "malformed_json", "unknown_corp"])
        }
    }

    private func database(of archive: ArchiveHarness) async throws -> String {
        let rows = try await archive.pool.withConnection { try await $0.execute("SELECT current_database()::text") }
        return try rows[0].decode(String.self, at: 0)
    }
}
