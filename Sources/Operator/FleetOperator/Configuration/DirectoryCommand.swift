package import ArgumentParser

/// `scrm directory`.
package struct DirectoryCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "directory", abstract: "Publish or show a corp's departments and employees.",
        discussion: "Example: scrm directory apply deploy/demo/directory.yaml --wait",
        subcommands: [ApplyCommand.self, ShowCommand.self])

    package init() {}

    struct ApplyCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "apply", abstract: "Validate a file, show what changes, publish it as one record.",
            discussion: "Example: scrm directory apply deploy/demo/directory.yaml --dry-run")

        @OptionGroup var apply: ApplyOptions
        @OptionGroup var options: OperatorOptions

        func run() async throws { try await apply.run(DirectoryFile.self, options) }
    }

    struct ShowCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show what the topic holds.",
            discussion: "Example: scrm directory show --json")

        @Option(help: ArgumentHelp("Only this corp.", valueName: "id"))
        var corp: String?
        @OptionGroup var options: OperatorOptions

        func run() async throws { try await Show<DirectoryFile>.run(options, corp: corp) }
    }
}
