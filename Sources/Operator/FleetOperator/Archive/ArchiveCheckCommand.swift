import ArgumentParser
import Contracts

/// `scrm archive check`.
struct ArchiveCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Count again what the archive says of its conversations.",
        discussion: """
            Who takes part, how much each side said, and the first and last message are kept beside the messages. This \
            counts them from the messages and names every conversation that differs. Changes nothing; the workers may go on.

            Ends with 0 when all agree and with 1 when something differs.

            Example: scrm archive check --json
            """)

    @OptionGroup var options: OperatorOptions

    func run() async throws {
        let settings = try options.settings(needs: [.database])
        let console = options.console
        let result = try await FleetDatabases.with(settings) { databases in
            try await ArchiveCheck(databases: databases).run { checked in
                console.progress("\(checked) conversations checked")
            }
        }
        console.endProgress()
        try console.report(result, text: result.text)
        if result.differing > 0 { throw Outcome.failure }
    }
}
