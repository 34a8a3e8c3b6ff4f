import ArgumentParser
import WorkerHost

/// `scrm alerts stats`.
struct AlertsStatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "How fast alerts are told, acknowledged and resolved, what is open, and which rules cry wolf.",
        discussion: "Example: scrm alerts stats --since 7d")

    @Option(help: ArgumentHelp("Only those raised since: 30m, 24h, 7d, a date or a moment.", valueName: "when"))
    var since: String?
    @OptionGroup var options: OperatorOptions

    mutating func validate() throws {
        if let since, Instant.milliseconds(since, now: 0) == nil {
            throw ValidationError("--since must be like 30m, 24h, 7d, 2025-03-10 or 2025-03-10T08:00:00Z.")
        }
    }

    func run() async throws {
        let settings = try options.settings(needs: [.database])
        let moment = since.flatMap { Instant.milliseconds($0, now: SystemClock().nowMilliseconds) }
        let stats = try await FleetDatabases.with(settings) { try await AlertStats.read($0, since: moment) }
        try options.console.report(stats, text: stats.text)
    }
}
