import Contracts
import SensitiveWords
import Testing

@Suite struct SensitiveWordsJudgeTests {
    private static let fixtures = SensitiveWordsFixtures.self
    private static let employee = fixtures.employee
    private static let customer = fixtures.customer
    private static let colleague = Party(id: "hejun", kind: .employee)
    private static let robot = Party(id: "wbR4xTCwAAd2Wm6oXj9Cn3Yq8Bu5Ff1T", kind: .robot)

    private static func hits(
        _ rule: RulesConfiguration.Rule, _ message: ChatMessage, departments: Departments? = nil
    ) throws -> [Hit] {
        var judge = Judge(rules: try fixtures.ruleSet(rule), departments: departments)
        return judge.hits(in: message)
    }

    @Test(arguments: [
        (RulesConfiguration.Side.employee, employee, true), (.employee, customer, false), (.employee, robot, false),
        (.customer, employee, false), (.customer, customer, true), (.customer, robot, false), (.any, employee, true),
        (.any, customer, true), (.any, robot, false),
    ])
    func theSideMustHaveSaidIt(side: RulesConfiguration.Side, sender: Party, isHit: Bool) throws {
        let message = Self.fixtures.message("维权", from: sender, to: [Self.employee, Self.customer])
        let rule = Self.fixtures.rule(words: ["维权"], side: side)
        #expect(try Self.hits(rule, message).isEmpty != isHit)
    }

    @Test(arguments: [
        (RulesConfiguration.Scope.Audience.external, true, true), (.external, false, false), (.internal, true, false),
        (.internal, false, true), (.any, true, true), (.any, false, true),
    ])
    func theAudienceMustFit(audience: RulesConfiguration.Scope.Audience, external: Bool, isHit: Bool) throws {
        let rule = Self.fixtures.rule(words: ["维权"], scope: .init(audience: audience))
        #expect(try Self.hits(rule, Self.fixtures.message("维权", external: external)).isEmpty != isHit)
    }

    @Test(arguments: [
        (RulesConfiguration.Scope.ConversationKind.single, Conversation.Kind.single, true), (.single, .group, false),
        (.single, .multi, false), (.group, .single, false), (.group, .group, true), (.group, .multi, true),
        (.any, .single, true), (.any, .group, true),
    ])
    func theKindOfConversationMustFit(
        scope: RulesConfiguration.Scope.ConversationKind, kind: Conversation.Kind, isHit: Bool
    ) throws {
        let rule = Self.fixtures.rule(words: ["维权"], scope: .init(audience: .any, conversations: scope))
        #expect(try Self.hits(rule, Self.fixtures.message("维权", kind: kind)).isEmpty != isHit)
    }

    @Test func quotationsRecallsAndSilenceAreNotJudged() throws {
        let rule = Self.fixtures.rule(words: ["维权"])
        #expect(try Self.hits(rule, Self.fixtures.message("好的", quoted: "我要维权")).isEmpty)
        #expect(try Self.hits(rule, Self.fixtures.message("维权", action: "recall")).isEmpty)
        #expect(try Self.hits(rule, Self.fixtures.message(nil)).isEmpty)
        #expect(try Self.hits(rule, Self.fixtures.message("")).isEmpty)
    }

    @Test func aRuleThatIsOffFindsNothing() throws {
        let rule = Self.fixtures.rule(words: ["维权"], enabled: false)
        #expect(try Self.hits(rule, Self.fixtures.message("维权")).isEmpty)
    }

    @Test func aRuleHitsOnceWithEveryMatchAndNoneInsideAnother() throws {
        let rule = Self.fixtures.rule(words: ["微信", "加微信", "维权"])
        let hits = try Self.hits(rule, Self.fixtures.message("加微信，维权，微信"))
        #expect(hits.count == 1)
        #expect(
            hits.first?.spans == [
                .init(start: 0, end: 3, pattern: "加微信"), .init(start: 4, end: 6, pattern: "维权"),
                .init(start: 7, end: 9, pattern: "微信"),
            ])
    }

    @Test func aFloodOfMatchesIsOneHitOfBoundedSize() throws {
        let rule = Self.fixtures.rule(words: ["维权"])
        let flood = String(repeating: "维权", count: 1_000)
        let hits = try Self.hits(rule, Self.fixtures.message(flood))
        #expect(hits.map(\.spans.count) == [Judge.maximumSpans])
    }

    @Test func oneMessageMayBreakSeveralRulesWithTheSameWord() throws {
        let rules = try Self.fixtures.ruleSet(
            Self.fixtures.rule("b", words: ["維權"]), Self.fixtures.rule("a", words: ["维权"]),
            Self.fixtures.rule("c", words: ["维权"], allow: ["维权限"]))
        var judge = Judge(rules: rules, departments: nil)
        let hits = judge.hits(in: Self.fixtures.message("维权限"))
        #expect(hits.map(\.rule.id) == ["b", "a"])
        #expect(hits.map { $0.spans.first?.pattern } == ["維權", "维权"])
        #expect(hits.map(\.rule.version) == ["v1", "v1"])
    }

    @Test(arguments: [
        ("电脑残留", false), ("电脑、残次品", false), ("電 腦 殘 留", false), ("电脑残留，脑残", true), ("你电脑残不残，脑*残", true),
        ("往返 现在", false), ("返 现", true), ("现在返 现", true),
    ])
    func allowedWordsTakeAwayTheMatchesInsideThem(text: String, isHit: Bool) throws {
        let rule = Self.fixtures.rule(words: ["脑残", "返现"], allow: ["电脑残留", "电脑", "往返", "现在"])
        #expect(try Self.hits(rule, Self.fixtures.message(text)).isEmpty != isHit)
    }

    @Test func theEmployeeIsTheSenderOrTheOneAddressed() throws {
        let rule = Self.fixtures.rule(words: ["维权"])
        let byCustomer = try Self.hits(rule, Self.fixtures.message("维权"))
        #expect(byCustomer.map(\.employeeID) == [Self.employee.id])
        #expect(byCustomer.map(\.customerID) == [Self.customer.id])

        let byEmployee = try Self.hits(
            rule, Self.fixtures.message("维权", from: Self.colleague, to: [Self.employee, Self.customer]))
        #expect(byEmployee.map(\.employeeID) == [Self.colleague.id])
        #expect(byEmployee.map(\.customerID) == [Self.customer.id])

        let amongCustomers = try Self.hits(
            rule,
            Self.fixtures.message("维权", from: Self.employee, to: [Self.customer, Party(id: "wm2", kind: .customer)]))
        #expect(amongCustomers.map(\.customerID) == [nil])
        let withoutEmployee = try Self.hits(rule, Self.fixtures.message("维权", to: []))
        #expect(withoutEmployee.map(\.employeeID) == [nil])
    }

    @Test(arguments: [
        ([1], true), ([2], true), ([3], false), ([3, 2], true),
    ])
    func departmentsCountWithEverythingBelowThem(departments: [Int], isHit: Bool) throws {
        let rule = Self.fixtures.rule(words: ["维权"], scope: .init(audience: .any, departments: departments))
        let directory = Departments(
            DirectoryConfiguration(
                corpID: Self.fixtures.corpID,
                departments: [
                    .init(id: 1, name: "公司", parentID: nil, leaders: []),
                    .init(id: 2, name: "门店", parentID: 1, leaders: []),
                    .init(id: 3, name: "企业客户", parentID: 1, leaders: []),
                ], employees: [.init(id: "linxiaoman", name: "林小满", departmentID: 2)]))
        #expect(try Self.hits(rule, Self.fixtures.message("维权"), departments: directory).isEmpty != isHit)
        #expect(try !Self.hits(rule, Self.fixtures.message("维权"), departments: nil).isEmpty)
    }

    @Test func aCycleOfDepartmentsEndsTheWalk() throws {
        let directory = Departments(
            DirectoryConfiguration(
                corpID: "c",
                departments: [
                    .init(id: 1, name: "a", parentID: 2, leaders: []),
                    .init(id: 2, name: "b", parentID: 1, leaders: []),
                ], employees: [.init(id: "x", name: "x", departmentID: 1)]))
        #expect(!directory.isEmployee("x", inOrBelow: [3]))
        #expect(directory.isEmployee("X", inOrBelow: [2]))
    }

    @Test func theFirstAddressedEmployeeInScopeAnswersForAGroup() throws {
        let rule = Self.fixtures.rule(words: ["维权"], scope: .init(audience: .any, employees: ["HeJun"]))
        let group = [Self.employee, Self.colleague]
        #expect(
            try Self.hits(rule, Self.fixtures.message("维权", to: group, kind: .group)).map(\.employeeID) == ["hejun"])
        #expect(try Self.hits(rule, Self.fixtures.message("维权", to: [Self.employee])).isEmpty)
        #expect(try Self.hits(rule, Self.fixtures.message("维权", to: [])).isEmpty)
    }
}
