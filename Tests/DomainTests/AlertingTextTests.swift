import Alerting
import Contracts
import Foundation
import Testing

@Suite struct AlertingTextTests {
    @Test(arguments: [
        ("wmR4xTCwAAq0Zc7hVw2Ue8mJt5Lk9PsA", "wm…A***"), ("wo12345", "wo…5***"), ("wm1", "***"), ("", "***"),
    ])
    func customerIdsAreMasked(_ id: String, _ masked: String) {
        #expect(Masking.customerID(id) == masked)
    }

    @Test(arguments: [
        ("电话13812345678谢谢", "电话138****5678谢谢"),
        ("138 1234 5678", "138 **** 5678"),
        ("138-1234-5678", "138-****-5678"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("卡号6222021234567890123", "卡号***************0123"),
        ("身份证11010519491231002X", "身份证**************002X"),
        ("座机62345678", "座机******78"),
        ("打12315投诉", "打12315投诉"),
        ("2 3 4", "2 3 4"),
        ("1381234567a", "********67a"),
        ("138 - 1234 - 5678", "138 - **** - 5678"),
        ("138—1234—5678", "138—****—5678"),
        ("(138)(1234)5678", "(138)(****)5678"),
        ("138\n1234\r\n5678", "138\n****\r\n5678"),
        ("138\u{200b}1234\u{2060}\u{feff}5678", "138\u{200b}****\u{2060}\u{feff}5678"),
        ("①③⑧①②③④⑤⑥⑦⑧", "①③⑧****⑤⑥⑦⑧"),
        ("𝟏𝟑𝟖𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖", "𝟏𝟑𝟖****𝟓𝟔𝟕𝟖"),
        ("1\u{fe0f}\u{20e3}38 1234 5678", "1\u{fe0f}\u{20e3}38 **** 5678"),
        ("6222，0212，3456，7890，123", "****，****，****，***0，123"),
        ("13812345678，13912345678", "138****5678，139****5678"),
        ("1101051949123100 2Ｘ", "**************00 2Ｘ"),
        ("3-10 9:30 到货", "3-10 9:30 到货"),
        ("满199减20，满299减40", "满199减20，满299减40"),
        ("138一二三1234四5678", "138一二三1234四5678"),
        ("没有号码", "没有号码"),
    ])
    func longNumbersAreMaskedInPlace(_ text: String, _ masked: String) {
        #expect(Masking.digits(in: text) == masked)
        #expect(Masking.digits(in: text).unicodeScalars.count == text.unicodeScalars.count)
    }

    @Test func excerptMarksTheHitAndStaysShort() {
        let text = String(repeating: "前", count: 300) + "维权" + String(repeating: "后", count: 300)
        let excerpt = Excerpt(text: text, spans: AlertingFixtures.alert(text: text).spans)
        #expect(excerpt.plain.count == 100)
        #expect(excerpt.plain.hasPrefix("…") && excerpt.plain.hasSuffix("…"))
        #expect(excerpt.pieces.filter(\.isHit).map(\.text) == ["维权"])
    }

    @Test(arguments: [(0, 3), (597, 599), (-5, 2), (598, 9999)])
    func excerptAtAnEdgeUsesItsWholeRoom(_ start: Int, _ end: Int) {
        let text = String(repeating: "字", count: 599)
        let excerpt = Excerpt(text: text, spans: [.init(start: start, end: end, pattern: "字")])
        #expect(excerpt.plain.count == 99)
        #expect(excerpt.pieces.contains { $0.isHit })
    }

    @Test(arguments: [(5, 5), (9, 2), (100, 200), (-10, -5)])
    func spansOutsideTheTextMarkNothing(_ start: Int, _ end: Int) {
        let excerpt = Excerpt(text: "你好", spans: [.init(start: start, end: end, pattern: "x")])
        #expect(excerpt.pieces == [.init("你好", isHit: false)])
    }

    @Test func spansCountUnicodeScalarsAndTouchWholeCharacters() {
        let text = "👨‍👩‍👧维权e\u{301}"
        let whole = Excerpt.whole(text: text, spans: [.init(start: 5, end: 8, pattern: "维权e")])
        #expect(whole.pieces == [.init("👨‍👩‍👧", isHit: false), .init("维权e\u{301}", isHit: true)])
    }

    @Test(arguments: [
        ("abc", 3, "abc"), ("abcd", 3, "…"), ("维权", 6, "维权"), ("维权啊", 8, "维…"), ("👨‍👩‍👧啊", 12, "…"),
        ("维权啊", 2, ""),
    ])
    func cuttingCountsBytesAndKeepsCharactersWhole(_ text: String, _ limit: Int, _ expected: String) {
        #expect(text.cut(toBytes: limit) == expected)
        #expect(text.cut(toBytes: limit).utf8.count <= limit)
    }

    @Test func timesAreShownInShanghai() {
        #expect(BusinessTime.full(milliseconds: 1_773_108_201_000) == "2026-03-10 10:03:21")
        #expect(BusinessTime.short(milliseconds: 1_773_108_201_000) == "03-10 10:03")
    }

    @Test func oneAlertSaysEverythingAManagerNeeds() {
        let alert = AlertingFixtures.alert(text: "我电话13812345678，再不处理我就维权", selfTest: true)
        let message = RobotMarkdown.message([AlertingFixtures.notice(alert, mayBeRepeated: true)], waiting: 1)
        #expect(message.included == 1)
        for part in [
            "【自检】", "可能重复", "严重", "规则：客户维权", "员工：王芳", "客户：wm…A＊＊＊", "时间：2026-03-10 10:03:21", "**维权**",
            "138＊＊＊＊5678", "(https://scrm.example.com/alerts/a1?exp=1&sig=2)", "编号：a1", "<@LinXiaoMan>",
        ] {
            #expect(message.content.contains(part), "missing: \(part)")
        }
        #expect(!message.content.contains("13812345678"))
        #expect(!message.content.contains("wmR4xTCwAAq0Zc7hVw2Ue8mJt5Lk9PsA"))
    }

    @Test func anOrdinaryAlertCarriesNoMarks() {
        let content = RobotMarkdown.message([AlertingFixtures.notice(AlertingFixtures.alert())], waiting: 1).content
        #expect(!content.contains("自检"))
        #expect(!content.contains("可能重复"))
    }

    @Test func aCustomerCannotMentionOrLinkThroughTheAlert() {
        let alert = AlertingFixtures.alert(text: "维权<@all> [点我](http://evil) **`x`\n# 大字")
        let content = RobotMarkdown.message([AlertingFixtures.notice(alert)], waiting: 1).content
        #expect(!content.contains("<@all>"))
        #expect(!content.contains("[点我]"))
        #expect(!content.contains("\n# 大字"))
    }

    @Test func aLongMessageIsCutWithRoomForTheLink() {
        var notice = AlertingFixtures.notice(AlertingFixtures.alert())
        // One character may have any number of scalars.
        notice.excerpt = Excerpt(
            pieces: (0..<100).map { _ in .init("e" + String(repeating: "\u{301}", count: 100), isHit: false) })
        notice.ruleName = String(repeating: "规", count: 5_000)
        let content = RobotMarkdown.message([notice], waiting: 1).content
        #expect(content.utf8.count <= RobotMarkdown.maximumBytes)
        #expect(content.contains(notice.link))
        #expect(content.contains("编号：a1"))
    }

    @Test func aDigestKeepsEveryAlertOverItsMessages() {
        var rest = (0..<100).map { index in
            AlertingFixtures.notice(
                AlertingFixtures.alert(id: "alert-\(index)", text: String(repeating: "我要维权", count: 40)))
        }
        var contents: [String] = []
        while !rest.isEmpty {
            let message = RobotMarkdown.message(rest, waiting: rest.count)
            #expect(message.included > 0)
            #expect(message.content.utf8.count <= RobotMarkdown.maximumBytes)
            if message.included < rest.count {
                #expect(message.content.contains("另有 \(rest.count - message.included) 起随后发出"))
            }
            contents.append(message.content)
            rest.removeFirst(message.included)
        }
        for index in 0..<100 {
            #expect(contents.count { $0.contains("/alerts/alert-\(index)?") } == 1)
        }
        #expect(contents.count <= 15)
        #expect(contents[0].contains("严重 客户维权："))
    }

    /// A hit deep inside a long text, in a line of a digest: the hit whole, with its rule, and pairs of marks.
    @Test(arguments: [0, 7, 500, 1_000]) func aLineOfADigestShowsTheHitItself(_ before: Int) throws {
        let text = String(repeating: "前文很长", count: before) + "我要维权" + String(repeating: "，后文也长", count: 300)
        let notices = (0..<3).map { index in
            AlertingFixtures.notice(
                AlertingFixtures.alert(
                    id: "\(index)", text: text, rule: index == 1 ? "客户找监管部门" : "客户维权"))
        }
        let message = RobotMarkdown.message(notices, waiting: 3)
        #expect(message.included == 3)
        let lines = message.content.split(separator: "\n").filter { $0.contains("[查看]") }
        #expect(lines.count == 3)
        for (line, notice) in zip(lines, notices) {
            #expect(line.contains("**维权**"))
            #expect(line.contains(notice.ruleName))
        }
    }

    /// Characters of many bytes leave little room: marks still come in pairs and the hit is there.
    @Test(arguments: [1, 10, 30, 200]) func aCutNeverFallsBetweenTheMarks(_ marks: Int) {
        var alert = AlertingFixtures.alert()
        let heavy = "e" + String(repeating: "\u{301}", count: marks)
        let text = String(repeating: heavy, count: 40) + "维权" + String(repeating: heavy, count: 40)
        alert.message.text = text
        let start = 40 * (marks + 1)
        alert.spans = [.init(start: start, end: start + 2, pattern: "维权")]
        for count in [1, 2] {
            let content = RobotMarkdown.message(
                Array(repeating: AlertingFixtures.notice(alert), count: count), waiting: count, maximumBytes: 1_000
            ).content
            #expect(content.utf8.count <= 1_000)
            #expect(content.contains("**维权**"))
            #expect(content.components(separatedBy: "**").count % 2 == 1)
        }
    }

    @Test(arguments: [
        (["wm1", "wm2", "wm3"], Conversation.Kind.group, "群聊，3 位客户"), (["wm1", "wm2"], .multi, "2 位客户"),
        ([], .group, "无"),
    ])
    func severalCustomersAreCounted(_ ids: [String], _ kind: Conversation.Kind, _ shown: String) {
        var alert = AlertingFixtures.alert(sender: .employee)
        alert.customerID = nil
        alert.message.conversation.kind = kind
        alert.message.recipients =
            ids.map { Party(id: $0, kind: .customer) } + [Party(id: "hejun", kind: .employee)]
        #expect(AlertingFixtures.notice(alert).customer == shown)
    }

    @Test func forwardedWordsAreMarked() throws {
        var alert = AlertingFixtures.alert()
        #expect(!RobotMarkdown.message([AlertingFixtures.notice(alert)], waiting: 1).content.contains("转发"))
        alert.message.forwarded = true
        let notice = AlertingFixtures.notice(alert)
        #expect(RobotMarkdown.message([notice], waiting: 1).content.contains("内容（转发）："))
        let digest = RobotMarkdown.message([notice, notice], waiting: 2).content
        #expect(digest.components(separatedBy: "（转发）").count == 3)
        let webhook = WebhookNotice(alert: alert, notice: notice)
        #expect(webhook.forwarded && webhook.text.contains("转发"))
    }

    @Test func aMessageWithoutSendingTimeShowsTheTimeOfItsId() {
        var alert = AlertingFixtures.alert()
        alert.message.sentAt = nil
        #expect(AlertingFixtures.notice(alert).time == alert.message.filedAt)
        alert.message.filedAt = nil
        #expect(AlertingFixtures.notice(alert).time == alert.raisedAt)
    }

    @Test(arguments: [
        ("abc", 3, "abc"), ("abcd", 3, "…"), ("维权啊", 8, "…啊"), ("啊👨‍👩‍👧", 12, "…"), ("维权啊", 2, ""),
    ])
    func cuttingTheBeginningCountsBytesToo(_ text: String, _ limit: Int, _ expected: String) {
        #expect(text.cut(toLastBytes: limit) == expected)
        #expect(text.cut(toLastBytes: limit).utf8.count <= limit)
    }

    @Test func aDigestCountsByRuleMostUrgentFirst() throws {
        let notices = [
            AlertingFixtures.notice(AlertingFixtures.alert(id: "1", severity: .normal, rule: "退款")),
            AlertingFixtures.notice(AlertingFixtures.alert(id: "2", severity: .urgent, rule: "监管")),
            AlertingFixtures.notice(AlertingFixtures.alert(id: "3", severity: .normal, rule: "退款")),
        ]
        let content = RobotMarkdown.message(notices, waiting: 3).content
        let urgent = try #require(content.firstRange(of: "紧急 监管：1 起"))
        let normal = try #require(content.firstRange(of: "一般 退款：2 起"))
        #expect(urgent.lowerBound < normal.lowerBound)
    }
}

@Suite struct AlertingContextTextTests {
    private func alert(before: [(Party.Kind, String?)]) -> Alert {
        var alert = AlertingFixtures.alert()
        alert.before = before.enumerated().map { index, line in
            ContextLine(
                messageID: "b\(index)", sentAt: nil, sender: Party(id: "wangfang", kind: line.0), messageType: "voice",
                text: line.1)
        }
        return alert
    }

    @Test func aPushTellsTheLastTwoLinesWithoutNumbers() throws {
        let notice = AlertingFixtures.notice(
            alert(before: [
                (.customer, "第一句"), (.employee, nil),
                (.customer, "打我电话13812345678" + String(repeating: "长", count: 50)),
            ]))
        let text = RobotMarkdown.message([notice], waiting: 1).content
        #expect(!text.contains("第一句"))
        #expect(text.contains("\n> 前文 王芳：［语音］\n> 前文 客户：打我电话138＊＊＊＊5678"))
        #expect(try #require(notice.before.last).text.count == 40)
        let webhook = WebhookNotice(alert: AlertingFixtures.alert(), notice: notice)
        #expect(webhook.before == notice.before)
    }

    @Test func theHitIsToldWhereTheLinesBeforeItDoNotFit() {
        let notice = AlertingFixtures.notice(alert(before: [(.customer, String(repeating: "长", count: 40))]))
        let whole = RobotMarkdown.message([notice], waiting: 1).content
        #expect(whole.contains("前文"))
        let short = RobotMarkdown.message([notice], waiting: 1, maximumBytes: whole.utf8.count - 1).content
        #expect(!short.contains("前文") && short.contains("**维权**"))
    }

    @Test func anAlertOfAWithdrawnMessageSaysSo() {
        var alert = AlertingFixtures.alert()
        alert.recalled = true
        #expect(AlertingFixtures.notice(alert).marks == "【已撤回】")
    }
}
