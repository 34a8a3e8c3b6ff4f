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
}
