import Contracts
import ConversationArchive
import JSON
import Testing

@Suite("Archive: every kind of message")
struct ArchiveKindsTests {
    /// What keyword workers read of each line of the fixture, in its order.
    static let texts: [(kind: String, text: String?)] = [
        ("text", "您好，这款保温杯今天下单明天发货[微笑]"), ("image", nil), ("revoke", nil), ("agree", nil), ("disagree", nil),
        ("voice", nil), ("video", nil), ("card", nil), ("location", "半道红小区东门"), ("emotion", nil),
        ("file", "2025春季报价单.xlsx"), ("link", "三月会员日攻略\n满 300 减 40，叠加积分"),
        ("weapp", "您有一张待领取的优惠券\n青禾家居商城"), ("chatrecord", "群聊的聊天记录\n杯盖有点漏水，能换吗\n售后组\n同批次已有三起"),
        ("todo", "何军的待办\n周五前回访 3 月 8 日下单的客户"), ("vote", "团建去哪\n莫干山\n千岛湖"), ("collect", "换杯盖登记\n收件人\n到货日期"),
        ("redpacket", "生日快乐"), ("external_redpacket", "辛苦啦"), ("meeting", "售后周会"), ("meeting_notification", nil),
        ("docmsg", "三月售后台账"), ("markdown", "**今日待回访** 12 人\n> 超时 <font color=\"warning\">3</font> 人"),
        ("news", "本周话术更新\n退换货场景"), ("calendar", "回访复盘"), ("mixed", "新款配色如下\n"), ("meeting_voice_call", nil),
        ("voip_doc_share", "话术手册.pdf"), ("sphfeed", "三步清洗保温杯 #家居好物"), ("voiptext", nil), ("qydiskfile", "门店陈列.zip"),
    ]

    @Test func theTextOfEveryKindIsRead() throws {
        let messages = try ArchiveFixtures.everyKind().compactMap { bytes -> DecodedMessage? in
            guard case .message(let archived) = try ArchiveFixtures.decode(bytes) else { return nil }
            return archived
        }
        #expect(messages.map(\.message.messageType) == Self.texts.map(\.kind))
        for (archived, expected) in zip(messages, Self.texts) {
            #expect(archived.message.text == expected.text, "\(expected.kind)")
            #expect(archived.flags == [], "\(expected.kind)")
            #expect(archived.message.forwarded == (expected.kind == "chatrecord"))
            #expect(archived.isFiledByID)
        }
    }

    @Test func aSwitchIsNoMessage() throws {
        let last = try #require(ArchiveFixtures.everyKind().last)
        let expected = CompanySwitch(
            corpID: ArchiveFixtures.corpID, messageID: "125289002219525886341", userID: "LinXiaoMan",
            switchedAt: 1_741_572_400_123)
        #expect(try ArchiveFixtures.decode(last) == .companySwitch(expected))
    }

    @Test func aRecallNamesItsTarget() throws {
        guard case .message(let recall) = try ArchiveFixtures.decode(ArchiveFixtures.everyKind()[2]) else {
            throw ArchiveFixtures.NotAMessage()
        }
        #expect(recall.message.action == "recall")
        #expect(recall.message.recalledMessageID == "7304418299001275566_1741571101223_external")
        #expect(recall.message.messageID == "5521330918472001973_1741571190012_external")
    }

    @Test(arguments: [
        (#""msgtype":"agree","agree":{"userid":"wmX","agree_time":1741571011456}"#, true),
        (#""msgtype":"disagree","disagree":{"userid":"wmX","disagree_time":1741571011456}"#, false),
        (#""msgtype":"disagree","agree":{"userid":"wmX","agree_time":"1741571011456"}"#, false),
        (#""msgtype":"disagree","disagree":{"userid":"wmX","agree_time":1741571011456}"#, false),
    ])
    func anAnswerToTheNoticeIsAFact(body: String, agreed: Bool) throws {
        let archived = try ArchiveFixtures.message(
            #"{"msgid":"1_1741571011456","action":"send","from":"wmX","tolist":["hejun"],"msgtime":1741571011456,"#
                + body + "}")
        #expect(
            archived.consent
                == ConsentChange(
                    customerID: "wmX", employeeID: "hejun", agreed: agreed, changedAt: 1_741_571_011_456))
        #expect(archived.message.text == nil)
    }

    @Test func aVoteIsReadInBothShapes() throws {
        let flat = ArchiveFixtures.json(["msgtype": #""vote""#, "votetitle": #""去哪""#, "voteitem": #"["山","湖"]"#])
        let nested = ArchiveFixtures.json([
            "msgtype": #""vote""#, "vote": #"{"votetitle":"去哪","voteitem":["山","湖"]}"#,
        ])
        for json in [flat, nested] {
            let archived = try ArchiveFixtures.message(json)
            #expect(archived.message.text == "去哪\n山\n湖")
            #expect(archived.flags == [])
        }
    }

    @Test(arguments: [
        ("这是一条引用/回复消息：\n\"林小满：小费给一点\"\n------\n收到，谢谢", "收到，谢谢", "\"林小满：小费给一点\""),
        ("「这是一条引用/回复消息：\r\n原话\r\n--------------\r\n第一行\n------\n第二行", "第一行\n------\n第二行", "原话"),
    ])
    func aQuotationIsKeptApart(content: String, own: String, quoted: String) throws {
        let archived = try ArchiveFixtures.message(ArchiveFixtures.json(["text": text(content)]))
        #expect(archived.message.text == own)
        #expect(archived.message.quotedText == quoted)
    }

    @Test(arguments: ["原话\n------\n新话", "这是一条引用/回复消息：没有横线", "这是一条引用/回复消息：\n原话\n------\n "])
    func withoutTheLayoutAllWordsAreTheSenders(content: String) throws {
        let archived = try ArchiveFixtures.message(ArchiveFixtures.json(["text": text(content)]))
        #expect(archived.message.text == content)
        #expect(archived.message.quotedText == nil)
    }

    private func text(_ content: String) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("content")
        writer.string(content)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
