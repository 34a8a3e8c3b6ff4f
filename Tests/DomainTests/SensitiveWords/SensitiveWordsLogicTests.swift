import Contracts
import SensitiveWords
import Testing

@Suite struct SensitiveWordsLogicTests {
    private static let fixtures = SensitiveWordsFixtures.self

    private static func words(
        _ text: String, words: [String] = ["转账", "打钱"], _ logic: RulesConfiguration.Logic
    ) throws -> [String] {
        let rules = try fixtures.ruleSet(fixtures.rule(words: words, logic: logic))
        return rules.explain(text: text).hits.flatMap(\.spans).map(\.pattern)
    }

    @Test(arguments: [
        ("转账给我", []), ("个人账户", []), ("转账到个人账户", ["转账", "个人"]), ("个人，打钱，转账", ["个人", "打钱", "转账"]),
        ("轉*賬到私人卡", ["转账", "私人"]),
    ])
    func everyListMustMatch(text: String, found: [String]) throws {
        #expect(try Self.words(text, .init(all: [["个人", "私人"]])) == found)
    }

    @Test func aRuleOfListsNeedsNoWords() throws {
        let logic = RulesConfiguration.Logic(all: [["价格"], ["加微信"]])
        #expect(try Self.words("价格好商量", words: [], logic) == [])
        #expect(try Self.words("价格好商量，加微信", words: [], logic) == ["价格", "加微信"])
    }

    @Test(arguments: [("转账到公司账户", []), ("转账", ["转账"]), ("对公 转账", [])])
    func noneOfTheseMayMatch(text: String, found: [String]) throws {
        #expect(try Self.words(text, .init(none: ["公司", "对公"])) == found)
    }

    @Test(arguments: [("转账到个人", 1, true), ("转账到个人", 0, false), ("个人转账", 0, true), ("转账一二三四五个人。转账个人", 0, true)])
    func distanceIsCountedBetweenThem(text: String, within: Int, isHit: Bool) throws {
        #expect(try Self.words(text, .init(all: [["个人"]], within: within)).isEmpty != isHit)
    }

    @Test func onlyTheCloseOnesAreShown() throws {
        let rules = try Self.fixtures.ruleSet(
            Self.fixtures.rule(words: ["转账"], logic: .init(all: [["个人"]], within: 2)))
        let spans = rules.explain(text: "转账以后再说很多话个人转账").hits.flatMap(\.spans)
        #expect(spans.map(\.start) == [9, 11])
    }

    @Test(arguments: [("加急", 2, false), ("加急加急", 2, true), ("加急，加急，加急", 3, true), ("加急，加急", 3, false)])
    func itMayTakeSeveralMatches(text: String, atLeast: Int, isHit: Bool) throws {
        #expect(try Self.words(text, words: ["加急"], .init(atLeast: atLeast)).isEmpty != isHit)
    }

    @Test func overlappingMatchesCountOnce() throws {
        #expect(try Self.words("啊啊啊", words: ["啊啊"], .init(atLeast: 2)).isEmpty)
    }

    @Test(
        arguments: [
            (RulesConfiguration.Act.card, "card", nil, true), (.card, "text", "card", false),
            (.redPacket, "redpacket", nil, true),
            (.redPacket, "external_redpacket", "恭喜", true), (.file("apk"), "file", "报价.APK", true),
            (.file("apk"), "file", "apk.docx", false), (.file("apk"), "text", "a.apk", false),
            (.file("apk"), "file", "apk", false),
        ] as [(RulesConfiguration.Act, String, String?, Bool)])
    func anActIsAHit(act: RulesConfiguration.Act, type: String, text: String?, isHit: Bool) throws {
        let rules = try Self.fixtures.ruleSet(Self.fixtures.rule(words: [], side: .employee, acts: [act]))
        var judge = Judge(rules: rules, departments: nil)
        let message = Self.fixtures.message(
            text, from: Self.fixtures.employee, to: [Self.fixtures.customer], type: type)
        #expect(Judge.concerns(message) || !isHit)
        #expect(judge.hits(in: message).isEmpty != isHit)
        #expect(judge.hits(in: message).flatMap(\.spans) == [])
        let byCustomer = Self.fixtures.message(text, type: type)
        #expect(judge.hits(in: byCustomer).isEmpty)
    }

    @Test func whatCannotBeMeantIsRefused() {
        var rule = Self.fixtures.rule(
            words: ["维权"], gap: 9, logic: .init(all: [[], ["好", ""]], none: [" "], within: -1, atLeast: 0),
            acts: [.file("a.b")])
        rule.wordDisguises = ["没有": .init(pinyin: true)]
        let faults = RuleSet.validate(RulesConfiguration(corpID: "c", rules: [rule])).map(\.field)
        #expect(
            faults == [
                "gap", "word_disguises", "acts", "logic.all", "logic.all", "logic.none", "logic.within",
                "logic.at_least",
            ])
    }
}
