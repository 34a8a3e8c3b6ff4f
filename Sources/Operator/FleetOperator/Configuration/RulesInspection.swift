import ArgumentParser
import Contracts
import WorkerHost

extension RulesCommand {
    struct DiffCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "diff", abstract: "Show what a file would change: rules, fields and words.",
            discussion: """
                Example: scrm rules diff deploy/demo/rules.yaml

                Exit code 0, also when something differs; 3 then with --exit-code.
                """)

        @Argument(help: ArgumentHelp("YAML or JSON file; - for standard input.", valueName: "file"))
        var file: String
        @Option(help: ArgumentHelp("Corp the set belongs to, when the file doesn't say.", valueName: "id"))
        var corp: String?
        @Flag(help: "End with exit code 3 when something differs.")
        var exitCode = false
        @OptionGroup var options: OperatorOptions

        struct Report: Encodable {
            var key: String
            /// What is applied; `nil` for nothing.
            var applied: String?
            /// What the file would be.
            var version: String
            var changes: [RulesDiff.Change]
        }

        func run() async throws {
            let settings = try options.settings(needs: [.kafka])
            let new = try await FileText.parse(RulesFile.self, file, corpID: corp)
            let applied = try await AppliedRules.all(settings, corp: new.corpID).first
            let report = Report(
                key: RulesFile.key(of: new), applied: applied?.version,
                version: SnapshotVersion.of(try RulesFile.encode(new)),
                changes: RulesDiff.changes(from: applied?.configuration, to: new))
            let differs = report.applied != report.version
            let state =
                differs
                ? "\(report.applied.map { "version \($0)" } ?? "nothing") is applied, the file is version \(report.version)"
                : "the file is what is applied, version \(report.version)"
            try options.console.report(
                report,
                text: (report.changes.isEmpty ? "" : RulesDiff.text(report.changes) + "\n") + "\(report.key): \(state)")
            if differs, exitCode { throw Outcome.notReached }
        }
    }

    struct ExportCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export",
            abstract: "Print the applied rules as YAML; applied again they are the same version.",
            discussion: "Example: scrm rules export --corp ww5a7c0e1f2b3d4c6a > rules.yaml")

        @Option(help: ArgumentHelp("Corp whose rules; needed when there are several.", valueName: "id"))
        var corp: String?
        @OptionGroup var options: OperatorOptions

        struct Report: Encodable {
            var key: String
            var version: String
            var yaml: String
        }

        func run() async throws {
            let applied = try await AppliedRules.one(try options.settings(needs: [.kafka]), corp: corp)
            let yaml = RulesText.yaml(applied.configuration, note: "\(applied.key), version \(applied.version)")
            try options.console.report(
                Report(key: applied.key, version: applied.version, yaml: yaml), text: String(yaml.dropLast()))
        }
    }

    struct StatusCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "Show which copy of the monitor runs which version of the rules.",
            discussion: """
                Example: scrm rules status --json

                Exit code 3 when a live copy doesn't run what is applied.
                """)

        @Option(help: ArgumentHelp("Only this corp.", valueName: "id"))
        var corp: String?
        @OptionGroup var options: OperatorOptions

        func run() async throws {
            let settings = try options.settings(needs: [.kafka, .database])
            let applied = try await AppliedRules.all(settings, corp: corp)
            var heartbeats: [Heartbeat] = []
            try await FleetDatabases.with(settings) { databases in
                for user in RulesFile.users { heartbeats += try await Heartbeat.live(user, databases) }
            }
            let status = RulesStatus(
                applied: applied.map {
                    .init(key: $0.key, version: $0.version, summary: RulesFile.summary($0.configuration))
                },
                heartbeats: heartbeats)
            try options.console.report(status, text: status.text)
            if !status.isCurrent { throw Outcome.notReached }
        }
    }
}
