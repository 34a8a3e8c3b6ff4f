import ArgumentParser
import Contracts
import WorkerHost

/// `scrm tag-rules test`.
struct TagRulesTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Play events through tag rules and show which tags come and go, and why.",
        discussion: """
            Events as for `scrm events ingest`, one JSON object a line, in any order; those without corp_id are of the \
            rules' corp. With --file nothing of the fleet is needed. Ends with 4 if some lines are bad.

            Example: scrm tag-rules test events.jsonl --file deploy/demo/tag-rules.yaml --now 2026-04-01T00:00:00Z
            """)

    @Argument(help: ArgumentHelp("File with one event a line; - for standard input.", valueName: "events"))
    var events: String
    @Option(help: ArgumentHelp("Rules of this file instead of those in the topic.", valueName: "file"))
    var file: String?
    @Option(help: ArgumentHelp("Corp whose rules; needed when the topic holds several.", valueName: "id"))
    var corp: String?
    @Option(help: ArgumentHelp("Until when; default: the last event.", valueName: "moment"))
    var now: String?
    @OptionGroup var options: OperatorOptions

    mutating func validate() throws {
        guard now.map({ IngestCommand.moment($0) != nil }) ?? true else {
            throw ValidationError("--now must be like 2026-04-01T00:00:00Z, or milliseconds UTC.")
        }
    }

    func run() async throws {
        let rules = try await rules()
        let report = try TagRulesTest.report(
            try await FileText.read(events), rules: rules,
            version: SnapshotVersion.of(try TagRulesFile.encode(rules)), now: now.flatMap(IngestCommand.moment))
        try options.console.report(report, text: report.text)
        if !report.badLines.isEmpty { throw Outcome.partial }
    }

    private func rules() async throws -> TagRulesConfiguration {
        if let file { return try await FileText.parse(TagRulesFile.self, file, corpID: corp) }
        let all = try await AppliedTagRules.all(try options.settings(needs: [.kafka]), corp: corp)
        guard all.count == 1 else {
            throw OperatorFailure(
                .usage, all.isEmpty ? "No tag rules are applied." : "Tag rules of several corps are applied.",
                advice: all.isEmpty ? "Try a file with --file." : "Say which with --corp ID.")
        }
        return all[0].configuration
    }
}
