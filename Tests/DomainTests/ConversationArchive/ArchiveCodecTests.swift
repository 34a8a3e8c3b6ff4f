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
    func codableReadsWhatTheHotPathWrites(message: ChatMessage) throws {
        #expect(try JSONDecoder().decode(ChatMessage.self, from: Data(message.encodeJSON())) == message)
    }

    @Test(arguments: messages)
    func theHotPathReadsWhatCodableWrites(message: ChatMessage) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = Array(try encoder.encode(message))
        #expect(try ChatMessage(json: JSONParser().parse(bytes).root) == message)
    }

    @Test func theBytesAreKnown() {
        let golden =
            #"{"corp_id":"","msgid":"","sent_at":-1,"action":"recall","msgtype":"revoke","#
            + #""conversation":{"id":"g:x","kind":"group","external":false},"sender":{"id":"","kind":"customer"},"#
            + #""recipients":[],"forwarded":false}"#
        #expect(String(decoding: Self.messages[1].encodeJSON(), as: UTF8.self) == golden)
    }

    @Test func codableReadsCustomerEvents() throws {
        let event = CustomerEvent(
            corpID: "ww1", customerID: "wm1", source: "archive", type: "chat.message", eventID: "1", occurredAt: 5,
            side: .customer, employeeID: "hejun", conversationID: "s:hejun|wm1")
        #expect(try JSONDecoder().decode(CustomerEvent.self, from: Data(event.encodeJSON())) == event)
    }

    @Test(arguments: ["[]", "{}", #"{"corp_id":1}"#])
    func whatIsNoMessageIsRefused(json: String) throws {
        let root = try JSONParser().parse(Array(json.utf8)).root
        #expect(throws: EventFormatError.self) { try ChatMessage(json: root) }
    }
}
