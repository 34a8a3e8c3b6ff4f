import Contracts
import ConversationArchive
import JSON
import Testing

@Suite("Archive: messages inside messages")
struct ArchiveForwardTests {
    @Test(arguments: [(7, true), (8, true), (9, false), (12, false)])
    func recordsInsideRecordsAreReadToALimit(depth: Int, isWhole: Bool) throws {
        var content = #"{"content":"最里面"}"#
        for level in 0..<depth {
            content = object(type: level == 0 ? "ChatRecordText" : "chatrecord", content: content, title: "第\(level)层")
        }
        let archived = try ArchiveFixtures.message(
            ArchiveFixtures.json(["msgtype": #""chatrecord""#, "chatrecord": content]))
        #expect(archived.message.text?.hasSuffix("最里面") == isWhole)
        #expect(archived.flags.contains(.itemsSkipped) != isWhole)
    }

    @Test func twoHundredItemsAreRead() throws {
        let item = #"{"type":"ChatRecordText","msgtime":1741570900,"content":"{\"content\":\"句\"}"}"#
        let items = Array(repeating: item, count: 201).joined(separator: ",")
        let archived = try ArchiveFixtures.message(
            ArchiveFixtures.json(["msgtype": #""chatrecord""#, "chatrecord": #"{"title":"","item":[\#(items)]}"#]))
        #expect(archived.message.text?.split(separator: "\n").count == 200)
        #expect(archived.flags == .itemsSkipped)
    }

    @Test(arguments: [
        #"{"type":"text","content":"{\"content\":"}"#, #"{"type":"text","content":"no json"}"#, #"{"type":"text"}"#,
        #"{"content":"{}"}"#, "3", "null", #"{"type":"text","content":"{}"}"#, #"{"type":"text","content":"[1]"}"#,
        #"{"type":"text","content":"{\"content\":{\"a\":1}}"}"#,
    ])
    func oneBadItemSpoilsOnlyItself(item: String) throws {
        let good = #"{"type":"text","content":"{\"content\":\"好的\"}"}"#
        let archived = try ArchiveFixtures.message(
            ArchiveFixtures.json(["msgtype": #""mixed""#, "mixed": #"{"item":[\#(item),\#(good)]}"#]))
        #expect(archived.message.text == "好的")
        #expect(archived.flags == .itemInvalid)
    }

    @Test func anItemMayBeAnObjectOrABareList() throws {
        let inner = #"[{"type":"ChatRecordText","content":{"content":"内"}}]"#
        let archived = try ArchiveFixtures.message(
            ArchiveFixtures.json([
                "msgtype": #""chatrecord""#,
                "chatrecord": #"{"title":"外","item":[{"type":"chatrecord","content":\#(inner)}]}"#,
            ]))
        #expect(archived.message.text == "外\n内")
        #expect(archived.flags == [])
    }

    @Test func anUnknownItemIsPassedOver() throws {
        let archived = try ArchiveFixtures.message(
            ArchiveFixtures.json([
                "msgtype": #""chatrecord""#,
                "chatrecord": #"{"title":"t","item":[{"type":"ChatRecordNew","content":"?"}]}"#,
            ]))
        #expect(archived.message.text == "t")
        #expect(archived.flags == [])
    }

    private func object(type: String, content: String, title: String) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("title")
        writer.string(title)
        writer.key("item")
        writer.beginArray()
        writer.beginObject()
        writer.key("type")
        writer.string(type)
        writer.key("content")
        writer.string(content)
        writer.endObject()
        writer.endArray()
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
