package import ArgumentParser

/// `scrm archive`.
package struct ArchiveCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "archive", abstract: "Look into the archive.",
        discussion: "Example: scrm archive show 7304418299001275566_1741571101223_external",
        subcommands: [ShowCommand.self, ArchiveCheckCommand.self])

    package init() {}

    struct ShowCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show one message: who, when, what, whether it was withdrawn.",
            discussion: "Example: scrm archive show 7304418299001275566_1741571101223_external --raw")

        @Argument(help: ArgumentHelp("The platform's message id.", valueName: "msgid"))
        var messageID: String
        @Option(help: ArgumentHelp("Only in this corp's archive.", valueName: "id"))
        var corp: String?
        @Flag(help: "Print the message as the platform gave it, and nothing else.")
        var raw = false
        @OptionGroup var options: OperatorOptions

        func run() async throws {
            let settings = try options.settings(needs: [.database])
            let found = try await FleetDatabases.with(settings) { databases in
                try await ArchivedEntry.find(messageID, corpID: corp, databases)
            }
            guard !found.isEmpty else { throw ArchivedEntry.missing(messageID, corpID: corp) }
            if raw, !options.json {
                for entry in found { print(entry.raw) }
            } else {
                try options.console.report(found, text: found.map(\.summary).joined(separator: "\n\n"))
            }
        }
    }
}
