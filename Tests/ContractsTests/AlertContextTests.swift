import Contracts
import Foundation
import Testing

/// `alerts.v1` carries a second type of event; its value as it was written when it landed.
@Suite("Contracts: what follows an alert")
struct AlertContextTests {
    private func recode<Value: Codable>(_ type: Value.Type, _ json: String) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(
            decoding: try encoder.encode(JSONDecoder().decode(type, from: Data(json.utf8))), as: UTF8.self)
    }

    @Test func aContextIsReadAndWrittenBackToTheByte() throws {
        let json = """
            {"alert_id":"al_1","conversation_id":"s:LinXiaoMan|wm1","corp_id":"ww5a7c0e1f2b3d4c6a",\
            "lines":[{"msgid":"1_2_external","msgtype":"text","sender":{"id":"wm1","kind":"customer"},\
            "sent_at":1741571205127,"text":"在吗"},{"msgid":"3","msgtype":"image","recalled":true,\
            "sender":{"id":"LinXiaoMan","kind":"employee"}}],"recalled_msgids":["1_2_external"]}
            """
        #expect(try recode(AlertContext.self, json) == json)
    }

    @Test func aLineIsCutToItsLength() {
        func line(_ text: String?) -> ContextLine {
            ContextLine(
                ChatMessage(
                    corpID: "ww1", messageID: "1", filedAt: 5, sentAt: nil, sequence: nil, action: "send",
                    messageType: "text", conversation: Conversation(id: "s:a|b", kind: .single, external: true),
                    sender: Party(id: "a", kind: .employee), recipients: [], text: text))
        }
        #expect(line(nil).text == nil)
        #expect(line(String(repeating: "字", count: 200)).text?.count == 200)
        #expect(line(String(repeating: "字", count: 201)).text == String(repeating: "字", count: 199) + "…")
        #expect(line("").sentAt == 5)
    }
}
