import Contracts
import FleetOperator
import Foundation
import SensitiveWords
import Testing

/// The demo's rules on the demo's day: who is alarmed, and who is left alone.
@Suite struct SensitiveWordMonitorDemoRulesTests {
    private struct Line: Decodable {
        struct Text: Decodable {
            var content: String
        }
        var from: String?
        var text: Text?
    }

    private static func demoFile(_ name: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "deploy/demo").appending(path: name), encoding: .utf8)
    }

    private static func demoRules() throws -> RuleSet {
        try RuleSet(RulesFile.read(demoFile("rules.yaml"), corpID: nil), version: "demo")
    }

    private static func hits(_ text: String, by side: Party.Kind, _ rules: RuleSet) -> [String] {
        var judge = Judge(rules: rules, departments: nil)
        let message = ChatMessage(
            corpID: rules.corpID, messageID: "1", filedAt: nil, sentAt: nil, sequence: nil, action: "send",
            messageType: "text", conversation: Conversation(id: "s:a|b", kind: .single, external: true),
            sender: Party(id: "sender", kind: side), recipients: [], text: text)
        return judge.hits(in: message).map(\.rule.id)
    }

    @Test func theSampleDayAlarmsOnlyWhereItShould() throws {
        let rules = try Self.demoRules()
        var found: [String: [String]] = [:]
        for json in try Self.demoFile("sample-day.jsonl").split(separator: "\n") {
            let line = try JSONDecoder().decode(Line.self, from: Data(json.utf8))
            guard let text = line.text?.content, let sender = line.from else { continue }
            let isCustomer = sender.utf8.count == 32 && (sender.hasPrefix("wm") || sender.hasPrefix("wo"))
            let ids = Self.hits(text, by: isCustomer ? .customer : .employee, rules)
            if !ids.isEmpty { found[text] = ids }
        }
        #expect(
            found == [
                "您这单比较急，给点小费我帮您优先安排师傅": ["emp_tip"],
                "要不您加我微信，我私下给您便宜 200": ["emp_private"],
                "你们再拖下去，我要维权！": ["cust_rights"],
                "行，那就维*權到底": ["cust_rights"],
                "12315 我也已经在填了": ["cust_regulator"],
            ])
    }

    @Test func everyDemoRuleReachesSomebody() throws {
        let rules = try RulesFile.read(Self.demoFile("rules.yaml"), corpID: nil)
        let corps = try CorpsFile.read(Self.demoFile("corps.yaml"), corpID: nil)
        #expect(RuleTargets.findings(rules, corps: corps) == ConfigurationFindings())
    }

    @Test(arguments: [
        ("weiquan", "cust_rights"), ("我要tou su你们", "cust_complaint"), ("1 2 3 1 5 上见", "cust_regulator"),
        ("退💰", "cust_refund"), ("不想活了", "cust_safety"),
    ])
    func customersAreHeard(text: String, rule: String) throws {
        #expect(Self.hits(text, by: .customer, try Self.demoRules()) == [rule])
    }

    @Test(arguments: ["跳楼价清仓", "店铺叫weiquandao_shop", "没有要投诉的意思", "取消协议", "工商银行卡能付吗", "过度曝光"])
    func customersAreNotMisheard(text: String) throws {
        #expect(Self.hits(text, by: .customer, try Self.demoRules()) == [])
    }

    @Test(arguments: [
        ("SB客户真多", "emp_abuse"), ("🧧发我一个", "emp_tip"), ("加V信聊", "emp_private"), ("保-本保-息", "emp_promise"),
        ("好评返 现 5 元", "emp_cashback"),
    ])
    func employeesAreHeard(text: String, rule: String) throws {
        #expect(Self.hits(text, by: .employee, try Self.demoRules()).contains(rule))
    }

    @Test(arguments: ["USB接口", "滚筒洗衣机", "往返 现在订立减", "面包过敏请告知", "会产生一笔小费用", "如需投诉请拨打 400 热线"])
    func employeesAreNotMisheard(text: String) throws {
        #expect(Self.hits(text, by: .employee, try Self.demoRules()) == [])
    }
}
