import Alerting
import Contracts
import Testing

/// Who is told, on awkward directories.
@Suite struct AlertingRoutingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var routes: [CorpsConfiguration.Route]?
        var employee: String? = "wangfang"
        var sender = Party.Kind.customer
        var severity = Severity.serious
        var absent: Set<String> = []
        var recipients: [String] = []
        var isKnownDirectory = true
        /// People, in order, each with the reasons.
        var people: [String]
        var leftOut: [String] = []
        var testDescription: String { name }
    }

    private typealias Route = CorpsConfiguration.Route

    @Test(arguments: [
        Case(name: "without routes: the leader", people: ["linxiaoman leader(3)"]),
        Case(name: "leader away: one up", absent: ["LinXiaoMan", "zhouning"], people: ["hejun leader(2)"]),
        Case(name: "the leader is the one concerned", employee: "LinXiaoMan", people: ["hejun leader(2)"]),
        Case(
            name: "the leader said it, and is the only one", employee: "hejun", sender: .employee,
            people: ["zong leader(1)"]),
        Case(
            name: "nobody above: the rule's recipients", employee: "zong", recipients: ["Audit", "audit"],
            people: ["audit instead"]),
        Case(
            name: "the boss is not told of what the boss said", employee: "zong", sender: .employee,
            recipients: ["Zong"], people: [], leftOut: ["Zong"]),
        Case(name: "nobody knows the employee", employee: "stranger", recipients: ["audit"], people: ["audit instead"]),
        Case(name: "no employee", employee: nil, recipients: ["audit"], people: ["audit instead"]),
        Case(
            name: "no directory", recipients: ["audit"], isKnownDirectory: false, people: ["audit instead"]),
        Case(name: "no route matches", routes: [], recipients: ["audit"], people: []),
        Case(
            name: "every route that matches adds, each person once",
            routes: [
                .init(leader: true), .init(severities: [.urgent], recipients: ["boss"]),
                .init(recipients: ["legal", "LinXiaoMan"]), .init(rules: ["rights"], recipients: ["Legal"]),
                .init(rules: ["other"], recipients: ["nobody"]),
            ],
            people: ["linxiaoman leader(3) route(3)", "legal route(3) route(4)"]),
        Case(
            name: "a department above counts", routes: [.init(departments: [2], recipients: ["east"])],
            people: ["east route(1)"]),
        Case(name: "another department does not", routes: [.init(departments: [4], recipients: ["west"])], people: []),
        Case(
            name: "a side",
            routes: [
                .init(side: .employee, recipients: ["audit"]), .init(side: .customer, recipients: ["care"]),
            ], sender: .employee, people: ["audit route(1)"]),
        Case(
            name: "the employee may hear of what the customer said",
            routes: [.init(side: .customer, recipients: ["wangfang"])], people: ["wangfang route(1)"]),
        Case(
            name: "and not of what they said themselves", routes: [.init(recipients: ["WangFang", "audit"])],
            sender: .employee, people: ["audit route(1)"], leftOut: ["WangFang"]),
    ])
    func peopleAreFoundByTheirPlace(_ example: Case) {
        let corp = CorpsConfiguration.Corp(
            id: "ww1", name: "店", robots: [.init(id: "compliance", key: "env:A")],
            app: .init(agentID: 1, secret: "env:B"), routes: example.routes)
        let alert = AlertingFixtures.alert(
            employee: example.employee, sender: example.sender, severity: example.severity,
            recipients: example.recipients)
        let routing = AlertRouting(
            for: alert, corp: corp,
            directory: example.isKnownDirectory ? AlertingFixtures.directory(absent: example.absent) : nil, now: 0)
        let people = routing.deliveries.filter { $0.target.channel == .app }
            .map { ([$0.target.id] + $0.reasons.map(Self.text)).joined(separator: " ") }
        #expect(people == example.people)
        #expect(routing.concerned == example.leftOut)
        // The rule's own targets are told whatever the routes say.
        #expect(routing.deliveries.prefix(2).map(\.target.id) == ["compliance", "crm"])
    }

    private static func text(_ reason: PlannedDelivery.Reason) -> String {
        switch reason {
        case .rule: "rule"
        case .route(let number): "route(\(number))"
        case .leader(let department): "leader(\(department))"
        case .insteadOfLeader: "instead"
        }
    }

    @Test func withoutAnAppNobodyIsWrittenTo() {
        let corp = CorpsConfiguration.Corp(id: "ww1", name: "店", routes: [.init(leader: true, recipients: ["a"])])
        let routing = AlertRouting(
            for: AlertingFixtures.alert(), corp: corp, directory: AlertingFixtures.directory(), now: 0)
        #expect(routing.deliveries.map(\.target.channel) == [.robot, .webhook])
    }

    @Test func oneLaneServesAPersonHoweverTheIdIsWritten() {
        let targets = ["HeJun", "hejun", "HEJUN"].map { DeliveryTarget(corpID: "ww1", channel: .app, id: $0) }
        #expect(Set(targets).count == 1)
        #expect(Set(targets.map { $0.lane(of: 12) }).count == 1)
    }
}

@Suite struct AlertingCardTests {
    @Test func aCardKeepsThePlatformsLimitsWhateverWasWritten() {
        let text = String(repeating: "<b>维权&\n", count: 80)
        var alert = AlertingFixtures.alert(text: text, rule: String(repeating: "很长的规则名", count: 30))
        alert.rule.severity = .urgent
        let notice = AlertingFixtures.notice(alert, mayBeRepeated: true)
        let card = AppCard(notice)
        #expect(card.title.count <= 36 && card.subtitle.count <= 30 && card.quote.count <= 112)
        #expect(card.title.hasPrefix("【可能重复】【紧急】"))
        let (title, description) = card.textCard
        #expect(title.utf8.count <= 128 && description.utf8.count <= 512)
        #expect(description.hasSuffix("</div>") && !description.contains("<b>") && !description.contains("&"))
    }

    @Test(arguments: [2, 60, 200])
    func aSummaryCountsEveryAlert(count: Int) {
        let notices = (0..<count).map { index in
            AlertingFixtures.notice(
                AlertingFixtures.alert(
                    id: "a\(index)", severity: index.isMultiple(of: 3) ? .urgent : .normal,
                    rule: "规则\(index % 40)" + String(repeating: "长", count: 40)))
        }
        let summary = AppSummary(notices, waiting: count + 5)
        #expect(summary.title.contains("\(count) 起") && summary.title.utf8.count <= 128)
        #expect(summary.description.utf8.count <= 512 && summary.description.contains("另有 5 起"))
        #expect(summary.description.contains("紧急"))
    }
}
