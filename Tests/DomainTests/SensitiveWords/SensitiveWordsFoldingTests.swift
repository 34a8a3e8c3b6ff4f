import Contracts
import SensitiveWords
import Testing

@Suite struct SensitiveWordsFoldingTests {
    private static let fixtures = SensitiveWordsFixtures.self

    @Test(arguments: [
        ("维权", "我要維權"), ("維權", "我要维权"), ("维权", "权維権維権"), ("vx", "ｖｘ"), ("vx", "加 VX"),
        ("vx", "𝘃𝘅"), ("12315", "①②③①⑤"), ("12315", "⑫③⑮"), ("12315", "❶❷❸❶❺"), ("12315", "١٢٣١٥"),
        ("sb", "🅂🅱"), ("sb", "🆂🅱"), ("sb", "Š̌ḃ"), ("kg", "5㎏"), ("株式会社", "㍿"), ("维权", "维\u{200b}权"),
        ("维权", "维\u{200e}\u{202e}\u{2060}\u{feff}\u{ad}\u{fe0f}权"), ("维权", "维\u{0336}权\u{0336}"),
        ("维权", "维\u{20dd}\u{0301}\u{0302}\u{0303}\u{0304}权"), ("维权", "维 权"), ("维权", "维\n权"), ("维权", "维\r\n 权"),
        ("维权", "维。，！权"), ("维权", "维…权"), ("维权", "维😡👍🏽权"), ("维权", "维👨‍👩‍👧‍👦权"), ("投诉", "投 。诉"),
        ("ガス", "ｶﾞｽ"), ("straße", "STRASSE"), ("wei quan", "WeiQuan"),
    ])
    func theWordIsFoundInItsDisguise(word: String, text: String) throws {
        let rules = try Self.fixtures.ruleSet(Self.fixtures.rule(words: [word]))
        #expect(Self.fixtures.patterns(in: text, rules).contains(word))
    }

    @Test(arguments: [
        ("维权", "维的权"), ("维权", "维a权"), ("维权", "维1权"), ("维权", "维。，！？权"), ("维权", "维😡😡😡😡权"),
        ("维权", "权维"), ("sb", "USB"), ("sb", "sbs"), ("sb", "my_sb"), ("sb", "sb_shop"), ("12315", "8812315047"),
        ("12315", "12315047"), ("12315", "SF12315"), ("12315", "1 2 3 1 5 0"), ("12315", "9-1-2-3-1-5"),
        ("12315", "⑫③①㊿"), ("v信", "tv信号"),
    ])
    func whatOnlyLooksLikeTheWordIsNot(word: String, text: String) throws {
        let rules = try Self.fixtures.ruleSet(Self.fixtures.rule(words: [word]))
        #expect(Self.fixtures.patterns(in: text, rules) == [])
    }

    @Test(arguments: [
        ("sb", "你sb啊"), ("sb", "sb250"), ("vx", "vx8890"), ("12315", "打12315投诉"), ("12315", "12315app"),
        ("12315", "电话：12315。"), ("v信", "加V信"), ("sb", "a sb"), ("12315", "拨 12315 100 次"),
    ])
    func aTokenOfItsOwnIsFound(word: String, text: String) throws {
        let rules = try Self.fixtures.ruleSet(Self.fixtures.rule(words: [word]))
        #expect(Self.fixtures.patterns(in: text, rules) == [word])
    }

    @Test(arguments: [
        (["退💰"], "退💰！", ["退💰"]), (["退💰"], "退 * 💰", ["退💰"]), (["退💰"], "退钱", ["退💰"]),
        (["微❤"], "微❤\u{fe0f}", ["微❤"]), (["微❤"], "微😀❤", ["微❤"]), (["维权", "微❤"], "维❤权，微❤", ["维权", "微❤"]),
        (["➕v聊"], "➕V聊", ["➕v聊"]), (["100%有效"], "100 ％ 有效", ["100%有效"]), (["100%有效"], "100有效", []),
        (["滚！"], "滚!", ["滚！"]), (["滚！"], "滚动", []), (["🧧"], "发个🧧", ["🧧"]),
    ])
    func signsOfAWordCountAsCharacters(words: [String], text: String, found: [String]) throws {
        let rules = try Self.fixtures.ruleSet(Self.fixtures.rule(words: words))
        #expect(Self.fixtures.patterns(in: text, rules) == found)
    }

    @Test(arguments: [
        ("我要維權", 2, 4), ("👨‍👩‍👧维*权", 5, 8), ("维\u{0336}权\u{0336}！", 0, 4), ("e\u{301}维权", 2, 4), ("⑩维权", 1, 3),
    ])
    func spansCountScalarsOfTheOriginal(text: String, start: Int, end: Int) throws {
        let rules = try Self.fixtures.ruleSet(Self.fixtures.rule(words: ["维权"]))
        var judge = Judge(rules: rules, departments: nil)
        let spans = judge.hits(in: Self.fixtures.message(text)).flatMap(\.spans)
        #expect(spans.map { [$0.start, $0.end] } == [[start, end]])
        #expect(spans.map(\.pattern) == ["维权"])
    }
}
