import ArgumentParser
import Contracts
import WorkerHost

extension RulesCommand {
    struct TestCommand: AsyncParsableCommand {
        enum Side: String, ExpressibleByArgument, CaseIterable { case customer, employee }

        static let configuration = CommandConfiguration(
            commandName: "test",
            abstract: "Show which rules a text would hit: where, by which word, and what had to be undone to read it.",
            discussion: """
                With --corpus, every line of a JSON Lines file is tried: {"text": "…", "expect": true}, and, if you like, \
                "id", "rule" and "side" (customer or employee). A line comes out right if the rule (or, without one, any \
                rule) hits just when it is expected to. Ends with 4 if some line does not.

                Example: scrm rules test '我要維*權' --side customer --file deploy/demo/rules.yaml
                Example: scrm rules test --corpus corpus.jsonl --file deploy/demo/rules.yaml
                """)

        @Argument(help: "What somebody wrote; - for standard input.")
        var text: String?
        @Option(help: ArgumentHelp("Try every line of this file; - for standard input.", valueName: "file"))
        var corpus: String?
        @Option(help: ArgumentHelp("Rules of this file instead of those in the topic.", valueName: "file"))
        var file: String?
        @Option(help: "Who wrote it; rules for the other side are left out.")
        var side: Side?
        @Option(help: ArgumentHelp("Corp whose rules; needed when the topic holds several.", valueName: "id"))
        var corp: String?
        @OptionGroup var options: OperatorOptions

        func validate() throws {
            guard (text == nil) != (corpus == nil) else {
                throw ValidationError("Give either a text or --corpus FILE.")
            }
        }

        func run() async throws {
            let side = side.map { $0 == .customer ? RulesConfiguration.Side.customer : .employee }
            if let corpus {
                let lines = try RulesCorpus.lines(of: try await FileText.read(corpus), file: corpus)
                let rules = try await rules()
                let report = try RulesCorpus.report(lines, rules: rules.value, version: rules.version, side: side)
                try options.console.report(report, text: report.text)
                if report.wrong > 0 { throw Outcome.partial }
            } else if let text {
                let words = text == "-" ? try await FileText.read("-") : text
                let rules = try await rules()
                let report = try RulesTest.report(words, rules: rules.value, version: rules.version, side: side)
                try options.console.report(report, text: report.text)
            }
        }

        private func rules() async throws -> (value: RulesConfiguration, version: String) {
            if let file {
                let rules = try await FileText.parse(RulesFile.self, file, corpID: corp)
                return (rules, SnapshotVersion.of(try RulesFile.encode(rules)))
            }
            let applied = try await AppliedRules.one(try options.settings(needs: [.kafka]), corp: corp)
            return (applied.configuration, applied.version)
        }
    }
}
