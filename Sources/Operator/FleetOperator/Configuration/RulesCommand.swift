package import ArgumentParser
import Contracts

/// `scrm rules`.
package struct RulesCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "Publish, compare, show or try a corp's sensitive-word rules.",
        discussion: "Example: scrm rules test '我要維*權'",
        subcommands: [
            ApplyCommand.self, DiffCommand.self, ExportCommand.self, StatusCommand.self, ShowCommand.self,
            TestCommand.self,
        ])

    package init() {}

    struct ApplyCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "apply", abstract: "Validate a file, show what changes, publish it as one record.",
            discussion: "Example: scrm rules apply deploy/demo/rules.yaml --wait")

        @OptionGroup var apply: ApplyOptions
        @OptionGroup var options: OperatorOptions

        func run() async throws { try await apply.run(RulesFile.self, options) }
    }

    struct ShowCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show the rules in the topic.", discussion: "Example: scrm rules show --json"
        )

        @Option(help: ArgumentHelp("Only this corp.", valueName: "id"))
        var corp: String?
        @OptionGroup var options: OperatorOptions

        func run() async throws { try await Show<RulesFile>.run(options, corp: corp) }
    }

    struct TestCommand: AsyncParsableCommand {
        enum Side: String, ExpressibleByArgument, CaseIterable { case customer, employee }

        static let configuration = CommandConfiguration(
            commandName: "test", abstract: "Show which rules a text would hit, where, and after which folding.",
            discussion: "Example: scrm rules test '我要維*權' --side customer --file deploy/demo/rules.yaml")

        @Argument(help: "What somebody wrote; - for standard input.")
        var text: String
        @Option(help: ArgumentHelp("Rules of this file instead of those in the topic.", valueName: "file"))
        var file: String?
        @Option(help: "Who wrote it; rules for the other side are left out.")
        var side: Side?
        @Option(help: ArgumentHelp("Corp whose rules; needed when the topic holds several.", valueName: "id"))
        var corp: String?
        @OptionGroup var options: OperatorOptions

        func run() async throws {
            let words = text == "-" ? try await FileText.read("-") : text
            let configuration = try await rules()
            let side = side.map { $0 == .customer ? RulesConfiguration.Side.customer : .employee }
            let report = try RulesTest.report(words, rules: configuration, side: side)
            try options.console.report(report, text: report.text)
        }

        private func rules() async throws -> RulesConfiguration {
            if let file { return try await FileText.parse(RulesFile.self, file, corpID: corp) }
            let settings = try options.settings(needs: [.kafka])
            let topic = settings.namespace.topic(RulesFile.topic)
            let values = try await Cluster.with(settings) { try await $0.values(topic: topic) }
            let wanted = corp.map { corp in values.filter { $0.key == "\(corp)/rules" } } ?? values
            guard let only = wanted.first, wanted.count == 1 else {
                throw OperatorFailure(
                    .usage,
                    wanted.isEmpty
                        ? "There are no rules in \(topic)\(corp.map { " for \($0)" } ?? "")."
                        : "\(topic) holds rules of several corps.",
                    advice: wanted.isEmpty
                        ? "Apply some with `scrm rules apply FILE`, or try a file with --file."
                        : "Say which with --corp ID: \(values.keys.sorted().map { $0.prefix { $0 != "/" } }.joined(separator: ", "))."
                )
            }
            return try RulesFile.decode(only.value)
        }
    }
}
