package import ArgumentParser
import Contracts

/// `scrm keys`.
package struct KeysCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Keys whose records wait while all others go on.",
        discussion: """
            A worker parks a key when one of its records could not be processed and those after it depend on it; an operator
            parks any. Later records of the key are kept behind it, in order.

            Example: scrm keys list --worker sensitive-word-monitor
            """,
        subcommands: [ListCommand.self, ParkCommand.self, UnparkCommand.self])

    package init() {}

    struct ListCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the parked keys of all workers, the heaviest first.",
            discussion: "Example: scrm keys list --json")

        @Option(help: ArgumentHelp("Only this worker.", valueName: "name"))
        var worker: String?
        @Option(help: ArgumentHelp("At most so many of each worker.", valueName: "n"))
        var limit: Int = 50
        @OptionGroup var options: OperatorOptions

        mutating func validate() throws {
            guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 1000000.") }
        }

        func run() async throws {
            let schemas = try worker.map { [try Schema(worker: $0)] } ?? Schema.pipeline
            let settings = try options.settings(needs: [.database])
            let entries = try await FleetDatabases.with(settings) { databases in
                var entries: [ParkedKeyEntry] = []
                for schema in schemas { entries += try await ParkedKeyEntry.read(schema, limit: limit, databases) }
                return entries
            }
            if entries.isEmpty, !options.json { options.console.note("No parked keys.") }
            try options.console.report(entries, text: entries.isEmpty ? "" : ParkedKeyEntry.text(entries))
        }
    }

    struct ParkCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "park", abstract: "Let the records of a key wait from now on, until it is unparked.",
            discussion: """
                In every lane of the worker, since the worker's key need not be the record's. A lane that has parked as much as
                it may takes no more records at all until some are unparked.

                Exit codes: 0 parked; 3 not done within --timeout. A second run changes nothing.

                Example: scrm keys park archive-ingest 'ww5a7c0e1f2b3d4c6a/s:lisi|wmA' --reason "flood of one customer"
                """)

        @OptionGroup var arguments: KeyArguments

        func run() async throws { try await arguments.perform(.park) }
    }

    struct UnparkCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "unpark", abstract: "Let the records of a key go on: first those that wait, in order.",
            discussion: """
                Whatever parked it. Dead letters of the key stay where they are; to process them first, redrive them instead. A
                record that fails becomes a dead letter, and the key waits again if the worker's records depend on each other.

                Exit codes: 0 unparked; 3 not done within --timeout; 4 the key waits again behind a dead letter.

                Example: scrm keys unpark archive-ingest 'ww5a7c0e1f2b3d4c6a/s:lisi|wmA' --reason "flood is over"
                """)

        @OptionGroup var arguments: KeyArguments

        func run() async throws { try await arguments.perform(.unpark) }
    }
}
