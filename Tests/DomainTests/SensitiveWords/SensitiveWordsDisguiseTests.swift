import Contracts
import SensitiveWords
import TestSupport
import Testing

/// What folding does not reach, and the innocent texts beside it.
@Suite struct SensitiveWordsDisguiseTests {
    private static let fixtures = SensitiveWordsFixtures.self

    private static func spans(
        _ words: [String], in text: String, gap: Int = 3, _ disguises: RulesConfiguration.Disguises = .init()
    ) throws -> [Alert.Span] {
        let rules = try fixtures.ruleSet(fixtures.rule(words: words, gap: gap, disguises: disguises))
        return rules.explain(text: text).hits.flatMap(\.spans)
    }

    @Test(arguments: [
        ("维权", "纟隹木又", Alert.Transform.components), ("投诉", "扌殳 讠斥", .components), ("骗子", "马扁子", .components),
        ("诈骗", "讠乍马扁", .components), ("维权", "我要weiquan。", .pinyin), ("维权", "Wei  Quan", .pinyin),
        ("退款", "马上退kuan", .pinyin), ("退款", "tui款", .pinyin), ("稳赚不赔", "稳zhuan不pei", .pinyin),
        ("曝光", "找baoguang平台", .pinyin), ("律师函", "lvshihan", .pinyin), ("12315", "幺二三幺五", .numerals),
        ("12315", "壹贰叁1伍", .numerals), ("12315", "l23l5", .numerals), ("12315", "1 2 三 1 五", .numerals),
        ("投诉", "我要投拆你", .lookalike), ("律师函", "律狮函", .homophone), ("维权", "惟权到底", .homophone),
        ("退钱", "退💰", .emoji), ("红包发我", "🧧发我", .emoji), ("律师函", "律师师师函", .repeated), ("sb", "ssbb", .repeated),
        ("保本保息", "保本本本保 息", .repeated),
    ])
    func theWordIsSeenThrough(word: String, text: String, by: Alert.Transform) throws {
        let spans = try Self.spans([word], in: text)
        #expect(spans.map(\.pattern) == [word])
        #expect(spans.first?.transforms?.contains(by) == true, "\(spans)")
    }

    @Test(arguments: [
        ("维权", "店铺叫weiquandao_shop"), ("维权", "weiquan2号"), ("维权", "qiweiquan"), ("维权", "wei 他 quan"),
        ("小费", "xiaofei"), ("退款", "退款式"), ("维权", "丝丝入扣"), ("好处", "女子处"), ("12315", "二三一五年"),
        ("12315", "幺二三幺五六"), ("12315", "cool23l5x"), ("维权", "以为权力大"), ("维权", "因为全部"), ("微信", "很有威信"),
        ("微信", "卫星电视"), ("投诉", "投宿"), ("爸爸", "爸"), ("12315", "1123315"), ("sb", "USSB"), ("sb", "I S B N"),
        ("小费", "有点小资情调"),
        ("小费", "调整大小！！费劲"), ("维权", "wq"),
    ])
    func anInnocentTextIsLeftAlone(word: String, text: String) throws {
        #expect(try Self.spans([word], in: text).filter { $0.transforms != nil } == [])
    }

    @Test(arguments: [
        ("前进后退款项", "退款"), ("重返现场", "返现"), ("电脑残留", "脑残"), ("请列举报价", "举报"), ("一起诉说", "起诉"),
        ("取消协议", "消协"), ("往返 现在", "返现"), ("电脑、残留", "脑残"),
    ])
    func aWordAcrossTwoEverydayWordsIsACoincidence(text: String, word: String) throws {
        let rules = try Self.fixtures.ruleSet(Self.fixtures.rule(words: [word]))
        let explanation = rules.explain(text: text)
        #expect(explanation.hits.isEmpty)
        #expect(explanation.innocent.contains { $0.because == .cutsWords || $0.because == .bridgesWords })
    }

    @Test func initialsNeedPermissionAndAToken() throws {
        let on = RulesConfiguration.Disguises(initials: true)
        #expect(try Self.spans(["维权"], in: "不退就wq", on).map(\.transforms) == [[.initials]])
        #expect(try Self.spans(["维权"], in: "不退就WQ！", on).map(\.pattern) == ["维权"])
        #expect(try Self.spans(["维权"], in: "不退就wq").isEmpty)
        for text in ["wq-450", "AWQ", "wq1", "1wq", "a.wq", "wq_shop"] {
            #expect(try Self.spans(["维权"], in: text, on).isEmpty, "\(text)")
        }
    }

    @Test(arguments: [
        ("纟隹木又", RulesConfiguration.Disguises(components: false)), ("weiquan", .init(pinyin: false)),
        ("惟权", .init(homophones: false, lookalikes: false)),
        ("维杈", .init(lookalikes: false)), ("危权", .init(homophones: false)),
    ])
    func aDisguiseThatIsOffIsNotLookedFor(text: String, disguises: RulesConfiguration.Disguises) throws {
        #expect(try Self.spans(["维权"], in: text, disguises).isEmpty)
    }

    @Test func aWordMayDifferFromItsRule() throws {
        var rule = Self.fixtures.rule(words: ["维权", "投诉"], disguises: .init(pinyin: false))
        rule.wordDisguises = ["投诉": .init(pinyin: true)]
        let rules = try Self.fixtures.ruleSet(rule)
        #expect(rules.explain(text: "weiquan tousu").hits.flatMap(\.spans).map(\.pattern) == ["投诉"])
    }

    @Test func numeralsOfOtherWordsAreLeftToWhoAsksForThem() throws {
        #expect(try Self.spans(["110"], in: "一一零").isEmpty)
        #expect(try Self.spans(["110"], in: "打幺幺零零", .init(numerals: true)).isEmpty)
    }

    @Test(arguments: [
        (0, "维权", true), (0, "维 权", false), (1, "维 权", true), (1, "维 *权", false), (8, "维........权", true),
    ])
    func theGapIsTheRules(gap: Int, text: String, isHit: Bool) throws {
        #expect(try Self.spans(["维权"], in: text, gap: gap).isEmpty != isHit)
    }

    @Test func rulesOfDifferentGapsSeeTheSameText() throws {
        let rules = try Self.fixtures.ruleSet(
            Self.fixtures.rule("narrow", words: ["维权"], gap: 0), Self.fixtures.rule("wide", words: ["维权"], gap: 5))
        #expect(rules.explain(text: "维-----权").hits.map(\.facts.id) == ["wide"])
    }

    /// Random junk between, before and after words, in every script, must neither stop the process nor give a span
    /// outside the text.
    @Test func anyTextIsJudged() throws {
        let seed = UInt64.random(in: 1...1_000_000)
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "维", "权", "纟", "隹", "wei", "quan", "一", "二", "1", "l", "O", "💰", "➕", "❤\u{fe0f}", "\u{200d}", "\u{336}",
            "_",
            " ", "\n", "ﷺ", "㍿", "⑩", "①", "𝘃", "Ａ", "é", "か", "한", "\u{10ffff}", "\u{0}", "👨‍👩‍👧", "微信", "a@b.cn", "138",
        ]
        let rules = try Self.fixtures.ruleSet(
            Self.fixtures.rule(
                words: ["维权", "12315", "sb", "退钱", "一", "é"],
                patterns: [.named(.phone), .named(.email), .expression("[a-z]+")],
                disguises: .init(initials: true)))
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            let count = text.unicodeScalars.count
            for span in rules.explain(text: text).hits.flatMap(\.spans) {
                #expect(
                    0 <= span.start && span.start < span.end && span.end <= count,
                    "seed \(seed): \(text.debugDescription)")
            }
        }
    }
}
