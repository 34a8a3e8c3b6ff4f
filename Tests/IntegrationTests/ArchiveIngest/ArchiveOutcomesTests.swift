import ArchiveIngest
import Postgres
import Records
import TestSupport
import Testing
import WorkerRuntime

/// Each row of the table of what a careful ingest does, through the handler into a database.
@Suite("Archive: the outcome of every oddity", .requiresPostgres)
struct ArchiveOutcomesTests {
    private typealias Harness = ArchiveHarness

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var members: [String: String]
        /// A condition on the one row that is stored.
        var stored: String
        var testDescription: String { name }

        init(_ name: String, _ members: [String: String], _ stored: String) {
            self.name = name
            self.members = members
            self.stored = stored
        }
    }

    static let cases = [
        Case("valid", [:], "text = '您好' AND flags = '{}' AND filed_at = to_timestamp(1741571101.223)"),
        Case("unknown type", ["msgtype": #""solitaire""#, "solitaire": #"{"a":1}"#], "text IS NULL AND flags = '{}'"),
        Case("body missing", ["text": ""], "text IS NULL AND flags = '{body_invalid}'"),
        Case("body of another shape", ["text": "[1]"], "text IS NULL AND flags = '{body_invalid}'"),
        Case("member of another shape", ["text": #"{"content":{}}"#], "flags = '{body_invalid}'"),
        Case("no recipients", ["tolist": "[]"], "recipients = '{}' AND flags = '{no_recipients}'"),
        Case("recipients missing", ["tolist": ""], "recipients = '{}' AND flags = '{no_recipients}'"),
        Case("recipients as one string", ["tolist": #""a,b""#], "recipients = '{a,b}' AND conversation_kind = 'multi'"),
        Case("time missing", ["msgtime": ""], "sent_at IS NULL AND flags = '{time_suspect}'"),
        Case("time 0", ["msgtime": "0"], "sent_at IS NULL AND flags = '{time_suspect}'"),
        Case("time no number", ["msgtime": #""x""#], "sent_at IS NULL AND flags = '{time_suspect}'"),
        Case("time before 2016", ["msgtime": "1451606399999"], "sent_at IS NULL AND flags = '{time_suspect}'"),
        Case("time after 2099", ["msgtime": "4102444800000"], "sent_at IS NULL AND flags = '{time_suspect}'"),
        Case("time in seconds", ["msgtime": "1741571101"], "sent_at = to_timestamp(1741571101) AND flags = '{}'"),
        Case("time as a string", ["msgtime": #""1741571101102""#], "sent_at = to_timestamp(1741571101.102)"),
        Case("control characters", ["text": "{\"content\":\"您\u{1}好\"}"], "text = '您好' AND flags = '{text_repaired}'"),
        Case("U+0000", ["text": #"{"content":"您\u0000好"}"#], "text = '您好' AND flags = '{text_repaired}'"),
        Case(
            "lone surrogate", ["text": #"{"content":"\ud83d好"}"#], "text = U&'\\FFFD好' AND flags = '{text_repaired}'"),
        Case(
            "relay noise", ["user": "null", "time": "null", "x": "null", "seq": #""7""#, "extra": "{}"],
            "seq = 7 AND text = '您好' AND flags = '{}'"),
        Case("msgid as a number", ["msgid": "12528900221952588634199"], "msgid = '12528900221952588634199'"),
        Case(
            "one bad item",
            [
                "msgtype": #""mixed""#,
                "mixed": #"{"item":[{"type":"text","content":"{"},{"type":"text","content":"{\"content\":\"好\"}"}]}"#,
            ], "text = '好' AND flags = '{item_invalid}'"),
        Case(
            "very long text", ["text": "{\"content\":\"\(String(repeating: "很长的话", count: 20_000))\"}"],
            "length(text) = 80000"),
        Case(
            "very many recipients", ["tolist": "[" + (0..<3000).map { "\"e\($0)\"" }.joined(separator: ",") + "]"],
            "cardinality(recipients) = 3000"),
        Case(
            "quoted reply",
            ["text": #"{"content":"这是一条引用/回复消息：\n\"林小满：小费\"\n------\n收到"}"#],
            "text = '收到' AND quoted_text = '\"林小满：小费\"'"),
        Case("seq beyond 64 bits signed", ["seq": "18446744073709551615"], "seq IS NULL AND flags = '{seq_suspect}'"),
    ]

    @Test(arguments: cases)
    func itIsStoredAsTheTableSays(item: Case) async throws {
        try await Harness.withArchive { archive in
            let value = Harness.json(item.members)
            let outcome = try await archive.ingest([value])
            #expect(outcome.messages().count == 1)
            #expect(try await archive.count("messages", where: item.stored) == 1)
            #expect(try await archive.count("messages") == 1)
            let stored = try await archive.strings("SELECT encode(raw, 'hex') FROM archive.messages")
            #expect(stored == [value.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()])
            // Whatever it is, it comes again without any effect.
            #expect(try await archive.ingest([value], partition: 1).effects.derived.isEmpty)
            #expect(try await archive.count("messages") == 1)
            #expect(try await archive.count("versions") == 0)
            #expect(try await archive.differences().isEmpty)
        }
    }

    @Test func invalidUTF8AndAByteOrderMarkAreStored() async throws {
        try await Harness.withArchive { archive in
            var bytes: [UInt8] = [0xEF, 0xBB, 0xBF] + Array(Harness.json(["text": #"{"content":"AB"}"#]).utf8)
            let place = try #require(bytes.firstRange(of: Array("AB".utf8)))
            bytes.replaceSubrange(place, with: [0xE6, 0x82, 0xC3, 0x28])
            _ = try await archive.ingest(bytes: [bytes])
            #expect(try await archive.count("messages", where: "text LIKE '%(' AND flags = '{text_repaired}'") == 1)
            let stored = try await archive.pool.withConnection { connection in
                try await connection.execute("SELECT raw FROM archive.messages")
            }
            let raw = try stored[0].decode([UInt8].self, at: 0)
            #expect(raw == bytes)
        }
    }

    @Test(arguments: [
        ("{", "malformed_json"), ("[]", "malformed_json"), (Harness.json(["msgid": ""]), "no_msgid"),
        (Harness.json(["from": ""]), "bad_envelope"), (Harness.json(["msgtype": ""]), "bad_envelope"),
        (Harness.json(["action": #""delete""#]), "unknown_action"),
        (Harness.json(["action": #""recall""#, "msgtype": #""revoke""#]), "bad_recall"),
        (Harness.json(["corp_id": #""wwother""#]), "unknown_corp"),
    ])
    func itIsADeadLetterAsTheTableSays(value: String, reason: String) async throws {
        try await Harness.withArchive { archive in
            let outcome = try await archive.ingest([value])
            #expect(outcome.refused.map(\.reason) == [reason])
            #expect(outcome.effects.derived.isEmpty)
            #expect(try await archive.count("messages") == 0)
        }
    }

    @Test func theHighestNumberIsKeptForThePuller() async throws {
        try await Harness.withArchive { archive in
            _ = try await archive.ingest([Harness.text(1, seq: 5), Harness.text(2, seq: 4)])
            _ = try await archive.ingest([Harness.text(1, seq: 9)], partition: 1)
            _ = try await archive.ingest([Harness.text(2, seq: 3)], partition: 1)
            #expect(try await archive.count("messages", where: "seq IN (4, 5)") == 2)
            #expect(try await archive.count("pull_cursor", where: "seq = 9") == 1)
        }
    }

    @Test func aSwitchIsLoggedAndNotPublished() async throws {
        let value = Harness.json([
            "msgid": #""1252""#, "action": #""switch""#, "user": #""LinXiaoMan""#, "time": "1741572400123", "from": "",
            "tolist": "", "msgtype": "", "msgtime": "", "text": "",
        ])
        try await Harness.withArchive { archive in
            let first = try await archive.ingest([value, value])
            let again = try await archive.ingest([value], partition: 2)
            #expect(first.effects.derived.isEmpty)
            #expect(again.effects.derived.isEmpty)
            #expect(try await archive.count("switches", where: "user_id = 'LinXiaoMan'") == 1)
            #expect(try await archive.count("messages") == 0)
        }
    }

    @Test func theLatestAnswerOfEachPairAndRoomCounts() async throws {
        try await Harness.withArchive { archive in
            func answer(_ number: Int, _ kind: String, to employee: String, at time: Int, room: String = "") -> String {
                Harness.json([
                    "msgid": "\"\(number)_1741571101223\"", "from": "\"\(Harness.customer)\"",
                    "tolist": "[\"\(employee)\"]", "roomid": "\"\(room)\"", "msgtype": "\"\(kind)\"", "text": "",
                    kind: "{\"userid\":\"\(Harness.customer)\",\"\(kind)_time\":\(time)}",
                ])
            }
            let values = [
                answer(1, "disagree", to: "hejun", at: 1_741_571_300_000),
                answer(2, "agree", to: "HeJun", at: 1_741_571_200_000),
                answer(3, "agree", to: "wang", at: 1_741_571_100_000),
                answer(4, "agree", to: "wang", at: 1_741_571_100_000, room: "wrA"),
            ]
            for (lane, value) in values.enumerated() { _ = try await archive.ingest([value], partition: Int32(lane)) }
            #expect(try await archive.count("consents") == 4)
            #expect(try await archive.count("consent_state") == 3)
            #expect(try await archive.count("consent_state", where: "employee_id = 'hejun' AND NOT agreed") == 1)
            #expect(try await archive.count("consent_state", where: "employee_id = 'wang' AND agreed") == 1)
            #expect(try await archive.count("consent_state", where: "room_id = 'wrA' AND agreed") == 1)
        }
    }

    @Test func aRecallMeansTheMessageItNamesBeforeItsTwin() async throws {
        try await Harness.withArchive { archive in
            let recall = Harness.json([
                "msgid": #""77_1741571190012""#, "action": #""recall""#, "msgtype": #""revoke""#, "text": "",
                "revoke": #"{"pre_msgid":"1001_1741571101223"}"#,
            ])
            _ = try await archive.ingest([recall, Harness.text(1, content: "甲")])
            #expect(try await archive.count("message_log", where: "recalled AND text = '甲'") == 1)
            _ = try await archive.ingest([Harness.text(1, id: "1001_1741571101223", content: "乙")], partition: 1)
            #expect(try await archive.count("message_log", where: "recalled AND text = '乙'") == 1)
            #expect(try await archive.count("message_log", where: "recalled") == 1)
            #expect(try await archive.count("visible_messages", where: "text = '甲'") == 1)
            #expect(try await archive.count("visible_messages") == 1)
        }
    }

    @Test func aJobThatIsLeftOfADeletedMessageDoesNotStopIt() async throws {
        try await Harness.withArchive { archive in
            let image = Harness.json(["msgtype": #""image""#, "text": "", "image": #"{"sdkfileid":"X"}"#])
            _ = try await archive.ingest([image])
            try await archive.execute("DELETE FROM archive.messages")
            let outcome = try await archive.ingest([image])
            #expect(outcome.messages().count == 1)
            #expect(outcome.attempts == 2)
            #expect(try await archive.count("media_jobs") == 1)
        }
    }

    @Test func everyFileIsAJobOnce() async throws {
        try await Harness.withArchive { archive in
            let items = (0..<3).map {
                #"{"type":"ChatRecordImage","content":"{\"sdkfileid\":\"F\#($0)\",\"filesize\":7,\"md5sum\":\"m\"}"}"#
            }.joined(separator: ",")
            let value = Harness.json([
                "msgtype": #""chatrecord""#, "text": "", "chatrecord": #"{"title":"t","item":[\#(items)]}"#,
            ])
            let image = Harness.json([
                "msgid": #""2_1741571101223""#, "msgtype": #""image""#, "text": "", "image": #"{"sdkfileid":"X"}"#,
            ])
            for lane in [0, 0, 1] as [Int32] { _ = try await archive.ingest([value, image, value], partition: lane) }
            #expect(try await archive.count("media_jobs", where: "state = 'waiting'") == 4)
            #expect(
                try await archive.count("media_jobs", where: "kind = 'image' AND size = 7 AND md5 = 'm' AND place = 2")
                    == 1)
        }
    }
}
