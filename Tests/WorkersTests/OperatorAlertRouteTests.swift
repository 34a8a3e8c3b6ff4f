import Contracts
import FleetOperator
import Testing

struct OperatorAlertRouteTests {
    private static let corp = CorpsConfiguration.Corp(
        id: "ww1", name: "店", robots: [.init(id: "compliance", key: "env:A")],
        webhooks: [.init(id: "crm", url: "https://crm.example.com", secret: "env:B")])

    /// 总部 leads over 一店; `absent` are on leave.
    private static func directory(absent: Set<String> = [], rootLeaders: [String] = ["boss"]) -> DirectoryConfiguration
    {
        DirectoryConfiguration(
            corpID: "ww1",
            departments: [
                .init(id: 1, name: "总部", parentID: nil, leaders: rootLeaders),
                .init(id: 2, name: "一店", parentID: 1, leaders: ["hejun"]),
            ],
            employees: ["boss", "hejun", "wangfang"].map {
                .init(id: $0, name: $0, departmentID: $0 == "boss" ? 1 : 2, absent: absent.contains($0))
            })
    }

    private static func rule(
        _ id: String, side: RulesConfiguration.Side = .any, words: [String], robots: [String] = ["compliance"],
        webhooks: [String] = [], recipients: [String] = []
    ) -> RulesConfiguration.Rule {
        .init(
            id: id, name: id, side: side, severity: .serious, words: words, robots: robots, webhooks: webhooks,
            recipients: recipients)
    }

    private static func message(_ text: String, employee: String = "wangfang", fromEmployee: Bool = false)
        -> ChatMessage
    {
        let staff = Party(id: employee, kind: .employee)
        let customer = Party(id: "wm1", kind: .customer)
        return ChatMessage(
            corpID: "ww1", messageID: "1", filedAt: nil, sentAt: nil, sequence: nil, action: "send",
            messageType: "text",
            conversation: Conversation(id: "s:\(employee)|wm1", kind: .single, external: true),
            sender: fromEmployee ? staff : customer, recipients: [fromEmployee ? customer : staff], text: text)
    }

    private static func routes(
        _ message: ChatMessage, _ rules: RulesConfiguration.Rule..., directory: DirectoryConfiguration? = directory()
    ) throws -> [AlertRoute] {
        try AlertRoute.all(
            of: message, rules: RulesConfiguration(corpID: "ww1", rules: rules), version: "v", directory: directory,
            corp: corp, now: 0)
    }

    @Test func theLeaderOfTheDepartmentIsMentioned() throws {
        let found = try Self.routes(
            Self.message("我要维权"), Self.rule("rights", words: ["维权"], webhooks: ["crm", "gone"]),
            Self.rule("refund", words: ["退款"]))
        let route = try #require(found.first)
        #expect(found.count == 1)
        #expect(route.mentions == ["hejun"] && route.mentionedAs == "leader" && route.department == 2)
        #expect(
            route.targets.map { "\($0.channel) \($0.id) \($0.known)" } == [
                "robot compliance true", "webhook crm true", "webhook gone false",
            ])
        #expect(route.text.contains("「维权」") && route.text.contains("leads department 2"))
        #expect(route.text.contains("webhook gone (the rule names it) (not in the corp's configuration"))
    }

    @Test(arguments: [
        // The offender leads the department; the leader is on leave; both; nobody qualifies.
        ("hejun", "", "boss", "boss", "leader"), ("wangfang", "hejun", "boss", "boss", "leader"),
        ("boss", "", "boss", "legal", "rule"), ("wangfang", "hejun boss", "boss", "legal", "rule"),
        ("wangfang", "hejun", "", "legal", "rule"), ("stranger", "", "boss", "legal", "rule"),
    ])
    func otherwiseTheNextOneUpOrTheRulesRecipients(
        employee: String, absent: String, rootLeaders: String, mention: String, source: String
    ) throws {
        let found = try Self.routes(
            Self.message("加我私人微信", employee: employee, fromEmployee: true),
            Self.rule("private", side: .employee, words: ["私人微信"], recipients: ["legal", employee]),
            directory: Self.directory(
                absent: Set(absent.split(separator: " ").map(String.init)),
                rootLeaders: rootLeaders.split(separator: " ").map(String.init)))
        #expect(found.map(\.mentions) == [[mention]])
        #expect(found.map(\.mentionedAs) == [source])
    }

    @Test func nobodyIsSaidToBeNobody() throws {
        let found = try Self.routes(
            Self.message("我要维权"), Self.rule("rights", words: ["维权"], robots: []), directory: nil)
        let route = try #require(found.first)
        #expect(route.targets.isEmpty && route.mentions.isEmpty && route.mentionedAs == "nobody")
        #expect(route.text.contains("told: nobody; the rule names neither robot nor webhook"))
        #expect(try Self.routes(Self.message("您好"), Self.rule("rights", words: ["维权"])).isEmpty)
    }
}
