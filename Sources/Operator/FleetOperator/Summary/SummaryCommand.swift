package import ArgumentParser

/// `scrm summary`.
package struct SummaryCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "summary", abstract: "What the fleet has done: messages, duplicates, dead letters, alerts, tags.",
        discussion: """
            Counted in the databases. Duplicates are the records of chat.raw.v1 that changed nothing: consumed − messages −
            other versions − switch logs − dead letters (for a topic read from its beginning, without compaction).

            Example: scrm summary --json
            """)

    @OptionGroup var options: OperatorOptions

    package init() {}

    package func run() async throws {
        let settings = try options.settings(needs: [.database])
        let summary = try await FleetDatabases.with(settings) { databases in
            try await FleetSummary.read(databases, namespace: settings.namespace)
        }
        try options.console.report(summary, text: summary.text)
    }
}
