import Contracts
import ConversationArchive
import Foundation
import JSON
import Testing

@Suite("Archive: events as JSON")
struct ArchiveCodecTests {
    static let messages: [ChatMessage] = [
        ChatMessage(
            corpID: "ww1", messageID: "1_1741571101223_external", filedAt: 1_741_571_101_223, sentAt: 1_741_571_101_102,
            sequence: .max, action: "send", messageType: "text",
            conversation: Conversation(id: "s:a|b", kind: .single, external: true),
            sender: Party(id: "hejun", kind: .employee),
            recipients: [Party(id: "wm1", kind: .customer), Party(id: "wb1", kind: .robot)],
            text: "第一行\n\t\"引号\" \\ / \u{7F}\u{1}\u{2028}😀", quotedText: "", forwarded: true,
            recalledMessageID: "2"),
        ChatMessage(
            corpID: "", messageID: "", filedAt: nil, sentAt: -1, sequence: nil, action: "recall", messageType: "revoke",
            conversation: Conversation(id: "g:x", kind: .group, external: false),
            sender: Party(id: "", kind: .customer), recipients: [], text: nil),
    ]

    @Test(arguments: messages)
    func theHotPathReadsWhatCodableWrites(message: ChatMessage) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = Array(try encoder.encode(message))
        #expect(try ChatMessage(json: JSONParser().parse(bytes).root) == message)
    }

    /// What the archive publishes, byte by byte, is read by `Codable` and by the hot path alike.
    @Test func theBytesAreKnown() throws {
        let content = #"第一行\n\t\"引号\" \\ / \u0001\u007f\u2028😀"#
        let raw = ArchiveFixtures.json([
            "text": #"{"content":"\#(content)"}"#, "tolist": #"["wb1","\#(ArchiveFixtures.customer)"]"#,
            "roomid": #""wrX""#, "seq": "18446744073709551615",
        ])
        let decoder = ArchiveDecoder()
        let record = try decoder.decode(
            Array(raw.utf8), headerCorpID: "ww1", directory: ArchiveDirectory(corps: ["ww1"]))
        guard case .message(let message) = record else { throw ArchiveFixtures.NotAMessage() }
        var writer = JSONWriter()
        withExtendedLifetime(decoder) { message.encodeJSON(with: &writer) }
        let bytes = writer.bytes
        let golden =
            #"{"corp_id":"ww1","msgid":"7304418299001275566_1741571101223_external","filed_at":1741571101223,"#
            + #""sent_at":1741571101102,"seq":18446744073709551615,"action":"send","msgtype":"text","#
            + #""conversation":{"id":"g:wrX","kind":"group","external":true},"#
            + #""sender":{"id":"LinXiaoMan","kind":"employee"},"#
            + #""recipients":[{"id":"wb1","kind":"employee"},"#
            + #"{"id":"\#(ArchiveFixtures.customer)","kind":"customer"}],"#
            + #""text":"第一行\n\t\"引号\" \\ / \u0001\#u{7F}\#u{2028}😀","forwarded":false}"#
        #expect(String(decoding: bytes, as: UTF8.self) == golden)
        let codable = try JSONDecoder().decode(ChatMessage.self, from: Data(bytes))
        #expect(try ChatMessage(json: JSONParser().parse(bytes).root) == codable)
        #expect(codable.text == "第一行\n\t\"引号\" \\ / \u{1}\u{7F}\u{2028}😀")
        let archived = try ChatMessage.archived(
            Array(raw.utf8), corpID: "ww1", directory: ArchiveDirectory(corps: ["ww1"]))
        #expect(archived == codable)
    }

    @Test func everyKindIsReadOnceMoreAsItWasPublished() throws {
        let directory = ArchiveDirectory(corps: [ArchiveFixtures.corpID])
        var kinds: Set<String> = []
        for line in try ArchiveFixtures.everyKind() {
            let message = try ChatMessage.archived(line, corpID: ArchiveFixtures.corpID, directory: directory)
            if let message { kinds.insert(message.messageType) }
            guard case .message = try ArchiveFixtures.decode(line) else {
                #expect(message == nil, "a switch is no chat message")
                continue
            }
            #expect(message != nil)
        }
        #expect(kinds.count > 30)
    }

    @Test func whatACustomerDoesIsPublishedToo() throws {
        let decoded = try ArchiveFixtures.message(
            ArchiveFixtures.json(["from": "\"\(ArchiveFixtures.customer)\"", "tolist": #"["hejun"]"#]))
        let event = CustomerEvent(
            corpID: ArchiveFixtures.corpID, customerID: ArchiveFixtures.customer, source: "archive",
            type: "chat.message", eventID: "7304418299001275566_1741571101223_external", occurredAt: 1_741_571_101_102,
            side: .customer, employeeID: "hejun", conversationID: "s:hejun|\(ArchiveFixtures.customer)")
        #expect(decoded.activity == event)
    }

    @Test(arguments: ["[]", "{}", #"{"corp_id":1}"#])
    func whatIsNoMessageIsRefused(json: String) throws {
        let root = try JSONParser().parse(Array(json.utf8)).root
        #expect(throws: EventFormatError.self) { try ChatMessage(json: root) }
    }
}
