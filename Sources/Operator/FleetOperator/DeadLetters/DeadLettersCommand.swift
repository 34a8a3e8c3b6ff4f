package import ArgumentParser
import Contracts

/// `scrm dead-letters`.
package struct DeadLettersCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "dead-letters", abstract: "Records that could not be processed, kept whole with the reason.",
        discussion: "Example: scrm dead-letters list --worker archive-ingest",
        subcommands: [
            ListCommand.self, DeadLettersShowCommand.self, DeadLettersRedriveCommand.self,
            DeadLettersDiscardCommand.self,
        ])

    package init() {}

    struct ListCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List dead letters of all workers, newest first.",
            discussion: "Example: scrm dead-letters list --error malformed_json --since 24h --show-value")

        @OptionGroup var filter: LetterFilter
        @Option(help: ArgumentHelp("Another name for --error.", valueName: "word"))
        var reason: String?
        @Option(help: ArgumentHelp("At most so many of each worker.", valueName: "n"))
        var limit: Int = 50
        @Flag(help: "Print the records' values too. They hold what customers wrote.")
        var showValue = false
        @OptionGroup var options: OperatorOptions

        mutating func validate() throws {
            guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 1000000.") }
            guard reason == nil || filter.error == nil else { throw ValidationError("Give --error or --reason.") }
        }

        func run() async throws {
            let schemas = try filter.schemas
            var selection = filter.selection
            selection.error = selection.error ?? reason
            let chosen = selection
            let settings = try options.settings(needs: [.database])
            let entries = try await FleetDatabases.with(settings) { databases in
                var entries: [DeadLetterEntry] = []
                for schema in schemas {
                    entries += try await DeadLetterEntry.read(
                        schema, chosen, limit: limit, withValue: showValue, databases)
                }
                return entries
            }
            if entries.isEmpty, !options.json { options.console.note("No dead letters.") }
            try options.console.report(entries, text: entries.isEmpty ? "" : DeadLetterEntry.text(entries))
        }
    }
}
