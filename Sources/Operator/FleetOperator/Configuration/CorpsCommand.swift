package import ArgumentParser

/// `scrm corps`.
package struct CorpsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "corps", abstract: "Publish or show the corps of this fleet: ids, robots, webhooks.",
        discussion: "Example: scrm corps apply deploy/demo/corps.yaml --wait",
        subcommands: [ApplyCommand.self, ShowCommand.self])

    package init() {}

    struct ApplyCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "apply", abstract: "Validate a file, show what changes, publish it as one record.",
            discussion: "Example: scrm corps apply deploy/demo/corps.yaml --dry-run")

        @OptionGroup var apply: ApplyOptions
        @OptionGroup var options: OperatorOptions

        func run() async throws { try await apply.run(CorpsFile.self, options) }
    }

    struct ShowCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show what the topic holds.", discussion: "Example: scrm corps show --json")

        @Option(help: ArgumentHelp("Only this corp.", valueName: "id"))
        var corp: String?
        @OptionGroup var options: OperatorOptions

        func run() async throws { try await Show<CorpsFile>.run(options, corp: corp) }
    }
}
