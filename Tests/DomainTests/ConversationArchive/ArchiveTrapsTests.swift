import Contracts
import ConversationArchive
import Testing

/// The traps of the archive's format, each with its outcome.
@Suite("Archive: what relays and clients send")
struct ArchiveTrapsTests {
    private typealias Fixtures = ArchiveFixtures

    @Test(arguments: [
        ("", ArchiveFault.Reason.malformedJSON), ("not json", .malformedJSON), ("[]", .malformedJSON),
        (#""text""#, .malformedJSON), (#"{"msgid":"1""#, .malformedJSON), ("{}", .noMessageID),
        (Fixtures.json(["msgid": ""]), .noMessageID), (Fixtures.json(["msgid": "null"]), .noMessageID),
        (Fixtures.json(["msgid": #""""#]), .noMessageID), (Fixtures.json(["msgid": "{}"]), .noMessageID),
        (Fixtures.json(["from": ""]), .badEnvelope), (Fixtures.json(["from": #""""#]), .badEnvelope),
        (Fixtures.json(["msgtype": "null"]), .badEnvelope), (Fixtures.json(["action": #""delete""#]), .unknownAction),
        (Fixtures.json(["action": ""]), .unknownAction), (Fixtures.json(["corp_id": #""wwother""#]), .unknownCorp),
        (Fixtures.json(["action": #""recall""#]), .badRecall),
        (Fixtures.json(["action": #""recall""#, "revoke": #"{"pre_msgid":""}"#]), .badRecall),
        (#"{"msgid":"1","action":"switch","time":1741572400123}"#, .badEnvelope),
        (Fixtures.json(["from": "\"" + String(repeating: "a", count: 257) + "\""]), .badEnvelope),
    ])
    func aBrokenEnvelopeHasItsReason(json: String, reason: ArchiveFault.Reason) throws {
        let fault = #expect(throws: ArchiveFault.self) { try Fixtures.decode(Array(json.utf8)) }
        #expect(fault?.reason == reason)
    }

    @Test func withoutAnyCorpTheMessageIsNobodys() throws {
        let fault = #expect(throws: ArchiveFault.self) {
            try ArchiveDecoder().decode(
                Array(Fixtures.json().utf8), headerCorpID: nil, directory: ArchiveDirectory(corps: [Fixtures.corpID]))
        }
        #expect(fault?.reason == .unknownCorp)
    }

    @Test func anUnknownKindIsArchived() throws {
        let archived = try Fixtures.message(Fixtures.json(["msgtype": #""solitaire""#, "text": ""]))
        #expect(archived.message.messageType == "solitaire")
        #expect(archived.message.text == nil)
        #expect(archived.flags == [])
    }

    @Test(arguments: ["", "null", "3", #""text""#, "[]", "{}", #"{"content":null}"#, #"{"content":[1]}"#])
    func aBadBodyIsAFlag(body: String) throws {
        let archived = try Fixtures.message(Fixtures.json(["text": body]))
        #expect(archived.flags == .bodyInvalid)
        #expect(archived.message.text == nil)
    }

    @Test(arguments: ["", "null", "[]", #""""#, "[null]", "{}"])
    func withoutRecipientsTheMessageIsFlagged(tolist: String) throws {
        let archived = try Fixtures.message(Fixtures.json(["tolist": tolist]))
        #expect(archived.flags == .noRecipients)
        #expect(archived.message.recipients == [])
    }

    @Test(arguments: [
        (#""WangKe""#, ["WangKe"]), (#""a,b""#, ["a", "b"]), (#""a, b;c ""#, ["a", "b", "c"]),
        (#"["a",18900012345,null,""]"#, ["a", "18900012345"]), ("18900012345", ["18900012345"]),
    ])
    func recipientsMayBeOneString(tolist: String, expected: [String]) throws {
        #expect(try Fixtures.message(Fixtures.json(["tolist": tolist])).message.recipients.map(\.id) == expected)
    }

    @Test(
        arguments: [
            ("", nil), ("0", nil), (#""x""#, nil), ("null", nil), ("{}", nil), ("1451606399999", nil),
            ("4102444800000", nil), ("-5", nil), ("1e400", nil), ("99999999999999999999999", nil),
            ("1741571101102", 1_741_571_101_102), ("1741571101", 1_741_571_101_000),
            (#""1741571101102""#, 1_741_571_101_102), (#""1741571101""#, 1_741_571_101_000),
            ("1741571101102.0", 1_741_571_101_102), ("1451606400000", 1_451_606_400_000),
        ] as [(String, Int64?)])
    func theTimeIsReadInItsForms(msgtime: String, expected: Int64?) throws {
        let archived = try Fixtures.message(Fixtures.json(["msgtime": msgtime]))
        #expect(archived.message.sentAt == expected)
        #expect(archived.flags == (expected == nil ? .timeSuspect : []))
        #expect(archived.message.filedAt == 1_741_571_101_223)
    }

    @Test func aNumberAsIDKeepsItsDigits() throws {
        let archived = try Fixtures.message(Fixtures.json(["msgid": "12528900221952588634199"]))
        #expect(archived.message.messageID == "12528900221952588634199")
    }

    @Test(
        arguments: [
            ("482210", 482210, []), (#""482210""#, 482210, []), ("null", nil, []),
            ("18446744073709551615", UInt64.max, .sequenceSuspect), ("-1", nil, .sequenceSuspect),
        ] as [(String, UInt64?, MessageFlags)])
    func theSequenceIsExact(seq: String, expected: UInt64?, flags: MessageFlags) throws {
        let archived = try Fixtures.message(Fixtures.json(["seq": seq]))
        #expect(archived.message.sequence == expected)
        #expect(archived.flags == flags)
    }

    @Test(arguments: [
        ("您\u{1}\u{0}好\u{1F}", "您好"), (#"您\u0000好"#, "您好"), (#"您\ud83d好"#, "您\u{FFFD}好"),
        (#"\udc00您好"#, "\u{FFFD}您好"), (#"\ud83d\ud83d\ude00"#, "\u{FFFD}😀"),
    ])
    func brokenTextIsMendedAndFlagged(content: String, expected: String) throws {
        let archived = try Fixtures.message(Fixtures.json(["text": #"{"content":"\#(content)"}"#]))
        #expect(archived.message.text == expected)
        #expect(archived.flags == .textRepaired)
    }

    @Test func invalidUTF8IsReplacedAndFlagged() throws {
        var bytes = Array(Fixtures.json(["text": #"{"content":"AB"}"#]).utf8)
        let place = try #require(bytes.firstRange(of: Array("AB".utf8)))
        bytes.replaceSubrange(place, with: [0xE6, 0x82, 0xC3, 0x28])
        guard case .message(let archived) = try Fixtures.decode(bytes) else { throw Fixtures.NotAMessage() }
        #expect(archived.message.text == "\u{FFFD}\u{FFFD}(")
        #expect(archived.flags == .textRepaired)
    }

    @Test func aByteOrderMarkIsDropped() throws {
        let archived = try Fixtures.message("\u{FEFF}" + Fixtures.json())
        #expect(archived.message.text == "您好")
        #expect(archived.flags == [])
    }

    @Test func relayNoiseIsIgnored() throws {
        var noise = ["user": "null", "time": "null", "extra": #"{"deep":[1,{"a":null}]}"#]
        for index in 0..<60 { noise["key\(index)"] = "null" }
        let archived = try Fixtures.message(Fixtures.json(noise))
        #expect(archived == (try Fixtures.message(Fixtures.json())))
    }

    @Test func hugeTextsAndListsAreKeptWhole() throws {
        let text = String(repeating: "很长的话", count: 20_000)
        let people = (0..<5000).map { "\"employee\($0)\"" }.joined(separator: ",")
        let archived = try Fixtures.message(
            Fixtures.json(["text": #"{"content":"\#(text)"}"#, "tolist": "[\(people)]"]))
        #expect(archived.message.text == text)
        #expect(archived.message.recipients.count == 5000)
        #expect(archived.message.conversation.id.utf8.count == 34)
    }
}
