import Contracts
import Foundation
import Testing

@Suite("Contracts: values as they were written")
struct GoldenFileTests {
    @Test(arguments: GoldenFile.all)
    func aValueIsReadAndWrittenBackToTheByte(file: GoldenFile) throws {
        let value = try file.value()
        #expect(String(decoding: try file.recode(value), as: UTF8.self) == String(decoding: value, as: UTF8.self))
    }

    /// A program of the version before must survive a member that was added since.
    @Test(arguments: GoldenFile.all)
    func aMemberItDoesNotKnowIsPassedOver(file: GoldenFile) throws {
        let value = try file.value()
        let extended = Data(#"{"added_later":{"any":[1]},"#.utf8) + value.dropFirst()
        #expect(try file.recode(extended) == value)
    }

    @Test(arguments: [
        ("chat.messages.v1", "filed_at"), ("chat.messages.v1", "sent_at"), ("chat.messages.v1", "seq"),
        ("chat.messages.v1", "text"), ("chat.messages.v1", "quoted_text"), ("chat.messages.v1", "recalled_msgid"),
        ("customer.events.v1", "side"), ("customer.events.v1", "employee_id"),
        ("customer.events.v1", "conversation_id"), ("alerts.v1", "employee_id"), ("alerts.v1", "customer_id"),
    ])
    func whatIsUnknownIsLeftOutAndNotNull(topic: String, member: String) throws {
        let file = try #require(GoldenFile.all.first { $0.topic.name == topic })
        var members = try #require(try JSONSerialization.jsonObject(with: file.value()) as? [String: Any])
        #expect(members.removeValue(forKey: member) != nil)
        let shorter = try JSONSerialization.data(withJSONObject: members)
        let written = try JSONSerialization.jsonObject(with: file.recode(shorter)) as? [String: Any]
        #expect(try #require(written).keys.sorted() == members.keys.sorted())
    }

    @Test func everyTopicOfOursHasAGoldenFileOfItsType() {
        let ours = Topics.all.filter { $0 != Topics.chatRaw }
        #expect(GoldenFile.all.map(\.topic) == ours)
        #expect(GoldenFile.all.map(\.type) == ours.map(\.value))
    }

    /// What rules gained since: left out where it has its default, so that older records keep their bytes.
    @Test func everythingARuleCanSayIsReadBack() throws {
        let plain = RulesConfiguration.Rule(id: "a", name: "a", side: .any, severity: .normal, words: ["维权"])
        let rich = RulesConfiguration.Rule(
            id: "b", name: "b", side: .any, severity: .normal, words: ["投诉"], gap: 1,
            patterns: [.named(.bankCard), .expression("a+b")],
            disguises: .init(pinyin: false, homophones: true), wordDisguises: ["投诉": .init(initials: true)],
            logic: .init(all: [["转账"], ["个人", "私人"]], none: ["公司"], within: 10, atLeast: 2),
            acts: [.card, .redPacket, .file("apk")])
        let configuration = RulesConfiguration(corpID: "c", rules: [plain, rich])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let data = try encoder.encode(configuration)
        #expect(try JSONDecoder().decode(RulesConfiguration.self, from: data) == configuration)
        #expect(String(decoding: try encoder.encode(plain), as: UTF8.self).contains("disguises") == false)
        #expect(String(decoding: data, as: UTF8.self).contains(#"["bank-card",{"regex":"a+b"}]"#))
    }

    /// Spans count Unicode scalars; the text has one outside the basic plane before the match.
    @Test func theSpansOfAnAlertCutTheWordsOutOfTheText() throws {
        let alert = try GoldenFile.decode(Alert.self, from: Topics.alerts)
        let scalars = Array(try #require(alert.message.text).unicodeScalars)
        #expect(alert.spans.count == 2)
        for span in alert.spans {
            var cut = String.UnicodeScalarView()
            cut.append(contentsOf: scalars[span.start..<span.end])
            #expect(String(cut) == span.pattern)
        }
    }
}
