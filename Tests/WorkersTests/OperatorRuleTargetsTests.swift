import Contracts
import FleetOperator
import Testing

struct OperatorRuleTargetsTests {
    private static func rule(
        _ id: String, robots: [String] = [], webhooks: [String] = [], enabled: Bool = true
    ) -> RulesConfiguration.Rule {
        .init(
            id: id, name: id, side: .any, severity: .normal, words: ["维权"], robots: robots, webhooks: webhooks,
            enabled: enabled)
    }

    private static let corps = CorpsConfiguration(corps: [
        .init(
            id: "ww1", name: "店", robots: [.init(id: "compliance", key: "env:A"), .init(id: "sales", key: "env:B")])
    ])

    private func findings(_ rules: RulesConfiguration.Rule..., corps: CorpsConfiguration? = corps)
        -> ConfigurationFindings
    {
        RuleTargets.findings(RulesConfiguration(corpID: "ww1", rules: rules), corps: corps)
    }

    @Test func knownTargetsAreFine() {
        #expect(findings(Self.rule("a", robots: ["sales"])) == ConfigurationFindings())
    }

    @Test func everyUnknownTargetIsAFaultThatNamesTheKnownOnes() {
        let found = findings(Self.rule("a", robots: ["sale"]), Self.rule("b", robots: ["sales"], webhooks: ["crm"]))
        #expect(
            found.faults == [
                "rule a names the robot sale, but corp ww1 has only compliance, sales",
                "rule b names the webhook crm, but corp ww1 has none",
            ])
    }

    @Test func aRuleThatTellsNobodyIsAWarning() {
        let found = findings(Self.rule("a"), Self.rule("off", robots: ["gone"], enabled: false))
        #expect(found.faults.isEmpty)
        #expect(found.warnings.count == 1 && found.warnings[0].contains("rule a"))
    }

    @Test(arguments: [nil, CorpsConfiguration(corps: [])])
    func aCorpNobodyNamedYetIsAWarning(_ corps: CorpsConfiguration?) {
        let found = findings(Self.rule("a", robots: ["sales"]), corps: corps)
        #expect(found.faults.isEmpty)
        #expect(found.warnings.count == 1 && found.warnings[0].contains("scrm corps apply"))
    }
}
