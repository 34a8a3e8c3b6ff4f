package import ArgumentParser
import Contracts

/// `scrm campaigns`.
package struct CampaignsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "campaigns", abstract: "Publish, compare, pause and watch a corp's touch plans.",
        discussion: "Example: scrm campaigns apply deploy/demo/campaigns.yaml --wait",
        subcommands: [
            ApplyCommand.self, DiffCommand.self, ShowCommand.self, CampaignsStatusCommand.self,
            CampaignsPauseCommand.self, CampaignsResumeCommand.self, CampaignsTouchesCommand.self,
        ])

    package init() {}

    struct ApplyCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "apply", abstract: "Validate a file, show what changes, publish it as one record.",
            discussion: "Example: scrm campaigns apply deploy/demo/campaigns.yaml --wait")

        @OptionGroup var apply: ApplyOptions
        @OptionGroup var options: OperatorOptions

        func run() async throws { try await apply.run(CampaignsFile.self, options) }
    }

    struct DiffCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "diff", abstract: "Show how a file differs from the plans in force; publish nothing.",
            discussion: "Example: scrm campaigns diff deploy/demo/campaigns.yaml --json")

        @Argument(help: ArgumentHelp("YAML or JSON file; - for standard input.", valueName: "file"))
        var file: String
        @Option(help: ArgumentHelp("Corp the plans belong to, when the file doesn't say.", valueName: "id"))
        var corp: String?
        @OptionGroup var options: OperatorOptions

        func run() async throws {
            let settings = try options.settings(needs: [.kafka])
            let value = try await FileText.parse(CampaignsFile.self, file, corpID: corp)
            try await Apply<CampaignsFile>(settings: settings, console: options.console)
                .run(value, dryRun: true, wait: nil)
        }
    }

    struct ShowCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show the plans in the topic.",
            discussion: "Example: scrm campaigns show --json")

        @Option(help: ArgumentHelp("Only this corp.", valueName: "id"))
        var corp: String?
        @OptionGroup var options: OperatorOptions

        func run() async throws { try await Show<CampaignsFile>.run(options, corp: corp) }
    }
}
