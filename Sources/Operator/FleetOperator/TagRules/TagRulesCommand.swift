package import ArgumentParser
import Contracts
import WorkerHost

/// `scrm tag-rules`.
package struct TagRulesCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "tag-rules", abstract: "Publish, compare, show or try a corp's tag rules.",
        discussion: "Example: scrm tag-rules apply deploy/demo/tag-rules.yaml --wait",
        subcommands: [
            ApplyCommand.self, DiffCommand.self, StatusCommand.self, ShowCommand.self, TagRulesTestCommand.self,
        ])

    package init() {}

    struct ApplyCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "apply", abstract: "Validate a file, show what changes, publish it as one record.",
            discussion: """
                Every customer is scored again under the new rules.

                Example: scrm tag-rules apply deploy/demo/tag-rules.yaml --wait
                """)

        @OptionGroup var apply: ApplyOptions
        @OptionGroup var options: OperatorOptions

        func run() async throws { try await apply.run(TagRulesFile.self, options) }
    }

    struct ShowCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show the tag rules in the topic.",
            discussion: "Example: scrm tag-rules show --json")

        @Option(help: ArgumentHelp("Only this corp.", valueName: "id"))
        var corp: String?
        @OptionGroup var options: OperatorOptions

        func run() async throws { try await Show<TagRulesFile>.run(options, corp: corp) }
    }

    struct DiffCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "diff", abstract: "Show what a file would change.",
            discussion: """
                Example: scrm tag-rules diff deploy/demo/tag-rules.yaml

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
            var changes: [String]
        }

        func run() async throws {
            let settings = try options.settings(needs: [.kafka])
            let new = try await FileText.parse(TagRulesFile.self, file, corpID: corp)
            let applied = try await AppliedTagRules.all(settings, corp: new.corpID).first
            let report = Report(
                key: TagRulesFile.key(of: new), applied: applied?.version,
                version: SnapshotVersion.of(try TagRulesFile.encode(new)),
                changes: TagRulesFile.changes(from: applied?.configuration, to: new))
            let differs = report.applied != report.version
            let state =
                differs
                ? "\(report.applied.map { "version \($0)" } ?? "nothing") is applied, the file is version \(report.version)"
                : "the file is what is applied, version \(report.version)"
            try options.console.report(
                report, text: (report.changes + ["\(report.key): \(state)"]).joined(separator: "\n"))
            if differs, exitCode { throw Outcome.notReached }
        }
    }

    struct StatusCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "Show which copy of the scorer runs which version of the tag rules.",
            discussion: """
                Example: scrm tag-rules status --json

                Exit code 3 when a live copy doesn't run what is applied.
                """)

        @Option(help: ArgumentHelp("Only this corp.", valueName: "id"))
        var corp: String?
        @OptionGroup var options: OperatorOptions

        func run() async throws {
            let settings = try options.settings(needs: [.kafka, .database])
            let applied = try await AppliedTagRules.all(settings, corp: corp)
            let heartbeats = try await FleetDatabases.with(settings) { try await Heartbeat.live(.tagging, $0) }
            let status = RulesStatus(
                kind: TagRulesFile.kind,
                applied: applied.map {
                    .init(key: $0.key, version: $0.version, summary: TagRulesFile.summary($0.configuration))
                }, heartbeats: heartbeats)
            try options.console.report(status, text: status.text)
            if !status.isCurrent { throw Outcome.notReached }
        }
    }
}

/// The tag rules in the topic.
struct AppliedTagRules {
    var key: String
    var version: String
    var configuration: TagRulesConfiguration

    /// Every corp's, or the given one's, by corp.
    static func all(_ settings: OperatorSettings, corp: String?) async throws -> [AppliedTagRules] {
        let topic = settings.namespace.topic(TagRulesFile.topic)
        return try await Cluster.with(settings) { try await $0.values(topic: topic) }
            .filter { corp == nil || $0.key == "\(corp ?? "")/\(TagRulesFile.kind)" }
            .sorted { $0.key < $1.key }
            .map { key, value in
                do {
                    return AppliedTagRules(
                        key: key, version: SnapshotVersion.of(value), configuration: try TagRulesFile.decode(value))
                } catch {
                    throw OperatorFailure(
                        .failure, "The record \(key) of \(topic) can't be read by this scrm.",
                        advice: "Apply the file again with this version.")
                }
            }
    }
}
