package import ArgumentParser
import Contracts

/// `scrm audit`.
package struct AuditCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "List who redrove, discarded, parked and unparked what, and why; newest first.",
        discussion: "Example: scrm audit --worker archive-ingest --json")

    @Option(help: ArgumentHelp("Only this worker.", valueName: "name"))
    var worker: String?
    @Option(help: ArgumentHelp("At most so many of each worker.", valueName: "n"))
    var limit: Int = 50
    @OptionGroup var options: OperatorOptions

    package init() {}

    package mutating func validate() throws {
        guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 1000000.") }
    }

    package func run() async throws {
        let schemas = try worker.map { [try Schema(worker: $0)] } ?? Schema.pipeline
        let settings = try options.settings(needs: [.database])
        let entries = try await FleetDatabases.with(settings) { databases in
            var entries: [AuditEntry] = []
            for schema in schemas { entries += try await AuditEntry.read(schema, limit: limit, databases) }
            return entries
        }
        if entries.isEmpty, !options.json { options.console.note("Nothing was asked for.") }
        try options.console.report(entries, text: entries.isEmpty ? "" : AuditEntry.text(entries))
    }
}
