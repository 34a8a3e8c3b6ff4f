import ArgumentParser
import Contracts
import FleetOperator
import Testing

struct OperatorCommandLineTests {
    @Test(arguments: [
        ["--bogus"], ["ingest"], ["ingest", "-", "--shift-to-now"],
        ["ingest", "-", "--shift-to", "2025-03-10T08:00:00Z"],
        ["ingest", "x", "--shift-to", "24h"], ["ingest", "x", "--shift-to", "1741600000000", "--shift-to-now"],
        ["ingest", "x", "--rate", "0"],
        ["dead-letters", "redrive", "--reason", "all of them"], ["dead-letters", "redrive", "--all"],
        ["dead-letters", "discard", "--all", "--reason", " "], ["dead-letters", "list", "--since", "yesterday"],
        ["dead-letters", "list", "--id", "3"], ["dead-letters", "redrive", "--all", "--reason", "x", "--rate", "0"],
        ["keys", "park", "archive-ingest", "k"], ["keys", "park", "nobody", "k", "--reason", "x"],
        ["drain", "--timeout", "-1"], ["lag", "--worker", "nobody"], ["ingest", "/nonexistent/file"],
        ["corps", "apply", "/nonexistent/file", "--bootstrap-servers", "127.0.0.1:1"],
    ])
    func aWrongCommandLineOrSettingEndsWithTwo(_ arguments: [String]) async {
        #expect(await Scrm.outcome(of: arguments) == .usage)
    }

    @Test func helpIsASuccess() async {
        #expect(await Scrm.outcome(of: ["--help"]) == .success)
    }

    @Test func everyCommandHasAnExampleInItsHelp() {
        var commands: [any ParsableCommand.Type] = [Scrm.self]
        while let command = commands.popLast() {
            #expect(command.configuration.discussion.contains("Example: scrm "), "\(command)")
            commands += command.configuration.subcommands
        }
    }

    @Test func aMomentIsGivenInSeveralForms() {
        #expect(Instant.milliseconds("90s", now: 100_000) == 10_000)
        #expect(Instant.milliseconds("2d", now: 172_800_000) == 0)
        #expect(Instant.milliseconds("2025-03-10", now: 0) == 1_741_564_800_000)
        #expect(Instant.milliseconds("2025-03-10T01:45:01Z", now: 0) == 1_741_571_101_000)
        #expect(Instant.milliseconds("yesterday", now: 0) == nil)
        #expect(Instant.text(1_741_571_101_102) == "2025-03-10T01:45:01.102Z")
    }

    @Test func aSelfTestGoesWhereTheCorpSays() throws {
        let corp = CorpsConfiguration.Corp(
            id: "ww1", name: "x", robots: [.init(id: "a", key: "env:A"), .init(id: "b", key: "env:B")],
            webhooks: [.init(id: "crm", url: "https://x", secret: "env:C")])
        let all = try SelfTest.alert(for: corp, robot: nil, id: "i", nowMilliseconds: 5)
        #expect(all.selfTest && all.rule.robots == ["a", "b"] && all.rule.webhooks == ["crm"])
        let one = try SelfTest.alert(for: corp, robot: "b", id: "i", nowMilliseconds: 5)
        #expect(one.rule.robots == ["b"] && one.rule.webhooks.isEmpty)
        #expect(throws: OperatorFailure.self) { try SelfTest.alert(for: corp, robot: "c", id: "i", nowMilliseconds: 5) }
        let silent = CorpsConfiguration.Corp(id: "ww1", name: "x")
        #expect(throws: OperatorFailure.self) {
            try SelfTest.alert(for: silent, robot: nil, id: "i", nowMilliseconds: 5)
        }
    }

    @Test func rulesTestShowsThePlaceInTheOriginalText() throws {
        let rules = RulesConfiguration(
            corpID: "ww1", rules: [.init(id: "rights", name: "维权", side: .customer, severity: .urgent, words: ["维权"])])
        let report = try RulesTest.report("我要維*權！", rules: rules, version: "v7", side: nil)
        #expect(report.hits.map(\.ruleID) == ["rights"])
        #expect(report.hits.first?.spans.map(\.text) == ["維*權"])
        #expect(report.hits.first?.spans.map(\.transforms) == [["simplified", "separators"]])
        #expect(report.hits.map(\.version) == ["v7"])
        #expect(try RulesTest.report("我要維*權！", rules: rules, version: "v7", side: .employee).hits.isEmpty)
    }

    @Test func rulesTestCountsTheLinesOfACorpus() throws {
        let rules = RulesConfiguration(
            corpID: "ww1", rules: [.init(id: "rights", name: "维权", side: .customer, severity: .urgent, words: ["维权"])])
        let lines = try RulesCorpus.lines(
            of: """
                {"id": "a", "text": "我要weiquan", "expect": true, "rule": "rights", "side": "customer"}
                {"text": "我要维权", "expect": true, "side": "employee"}

                {"text": "维的权", "expect": false}
                {"text": "维、、、、权", "expect": true}
                """, file: "corpus.jsonl")
        let report = try RulesCorpus.report(lines, rules: rules, version: "v7", side: nil)
        #expect(report.lines.map(\.isRight) == [true, false, true, false])
        #expect(report.lines.map(\.id) == ["a", "2", "3", "4"])
        #expect(report.lines.last?.because == ["维权 too_far_apart"])
        #expect(report.text.hasSuffix("2 of 4 lines right, 2 missed, 0 hit wrongly; rules v7"))
        let failure = #expect(throws: OperatorFailure.self) {
            try RulesCorpus.lines(of: "{\"text\": \"a\"}\n[", file: "corpus.jsonl")
        }
        #expect(failure?.advice?.split(separator: "\n").count == 2)
    }
}
