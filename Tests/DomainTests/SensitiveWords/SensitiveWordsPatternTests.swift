import Contracts
import SensitiveWords
import Testing

@Suite struct SensitiveWordsPatternTests {
    private static let fixtures = SensitiveWordsFixtures.self

    private static func found(_ patterns: [RulesConfiguration.Pattern], in text: String) throws -> [String] {
        let rules = try fixtures.ruleSet(fixtures.rule(words: [], patterns: patterns))
        let scalars = Array(text.unicodeScalars)
        return rules.explain(text: text).hits.flatMap(\.spans).map { span in
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars[span.start..<span.end])
            return String(view)
        }
    }

    @Test(arguments: [
        (RulesConfiguration.PatternKind.phone, "手机13800001234。", "13800001234"),
        (.phone, "138-0000-1234", "138-0000-1234"),
        (.phone, "138 0000 1234", "138 0000 1234"), (.phone, "１３８００００１２３４", "１３８００００１２３４"),
        (.phone, "+86 13800001234", "86 13800001234"), (.phone, "一三八零零零零一二三四", "一三八零零零零一二三四"),
        (.phone, "l38OOOO1234", "l38OOOO1234"), (.phone, "幺叁8零000一2三4", "幺叁8零000一2三4"),
        (.bankCard, "卡号 6222 0202 0012 3456 002", "6222 0202 0012 3456 002"),
        (.bankCard, "4111111111111111", "4111111111111111"),
        (.idCard, "11010519491231002X", "11010519491231002X"),
        (.idCard, "110105 19491231 002x", "110105 19491231 002x"),
        (.email, "发到 Zhang.San@Example.com.cn 吧", "Zhang.San@Example.com.cn"),
        (.url, "看https://a.example.com/x?y=1。好", "https://a.example.com/x?y=1。"),
        (.url, "店在shop.example.cn里", "shop.example.cn"), (.wechatID, "加我薇信 hj_8890", "薇信 hj_8890"),
        (.wechatID, "VX：abc12345", "VX：abc12345"), (.wechatID, "微信号是xiao-man88", "微信号是xiao-man88"),
    ])
    func itIsFoundWhereItStands(kind: RulesConfiguration.PatternKind, text: String, piece: String) throws {
        #expect(try Self.found([.named(kind)], in: text) == [piece])
    }

    @Test(arguments: [
        (RulesConfiguration.PatternKind.phone, "快递单号 SF1380000123456"), (.phone, "流水号 2013800001234"),
        (.phone, "12800001234"),
        (.phone, "1380000123"), (.phone, "138元,0000件,1234个"), (.phone, "138，0000，1234"),
        (.bankCard, "订单 6222020012345678"),
        (.bankCard, "13800001234"), (.idCard, "110105194912310021"), (.idCard, "11010519491331002X"), (.email, "a@b"),
        (.email, "@所有人 开会"), (.url, "3.5元"), (.wechatID, "very good"), (.wechatID, "微信支付可以吗"), (.wechatID, "vx怎么加"),
    ])
    func whatOnlyLooksLikeItIsNot(kind: RulesConfiguration.PatternKind, text: String) throws {
        #expect(try Self.found([.named(kind)], in: text) == [])
    }

    @Test func anExpressionReadsFoldedTextAndPointsIntoTheOriginal() throws {
        let text = "😀订\u{200b}單ＡＢ-12"
        #expect(try Self.found([.expression("订单[a-z]{2}-[0-9]+")], in: text) == ["订\u{200b}單ＡＢ-12"])
        #expect(try Self.found([.expression("订单AB")], in: text) == ["订\u{200b}單ＡＢ"])
        #expect(try Self.found([.expression("x*")], in: text) == [])
    }

    @Test func manyExpressionsAreToldApart() throws {
        let patterns = (0..<50).map { RulesConfiguration.Pattern.expression("编号\($0)x") }
        #expect(try Self.found(patterns, in: "编号7x 编号49x 编号50x") == ["编号7x", "编号49x"])
    }

    @Test(arguments: ["(", "a{2}{1001}", "[z-a]", "(?=a)", #"(a)\1"#, ""])
    func anExpressionThatCannotBeIsRefused(expression: String) {
        let rule = Self.fixtures.rule(words: ["维权"], patterns: [.named(.url), .expression(expression)])
        let faults = RuleSet.validate(RulesConfiguration(corpID: "c", rules: [rule]))
        #expect(faults.map(\.field) == ["patterns"])
        #expect(faults.map(\.element) == [1])
    }

    @Test func anAllowedWordAlsoCoversAPattern() throws {
        let rules = try Self.fixtures.ruleSet(
            Self.fixtures.rule(words: [], allow: ["13800001234"], patterns: [.named(.phone)]))
        #expect(rules.explain(text: "客服 13800001234").hits.isEmpty)
        #expect(rules.explain(text: "客服 13800001235").hits.count == 1)
    }
}
