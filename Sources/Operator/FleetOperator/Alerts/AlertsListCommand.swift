import ArgumentParser
import WorkerHost

/// `scrm alerts list`.
struct AlertsListCommand: AsyncParsableCommand {
    enum State: String, ExpressibleByArgument, CaseIterable {
        case open, acknowledged, resolved
        case pending, delivered, failed, undeliverable, merged
    }

    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Alerts, newest first, with the state of each delivery.",
        discussion: "Example: scrm alerts list --since 24h --rule refund --json")

    @Option(help: ArgumentHelp("Only those raised since: 30m, 24h, 7d, a date or a moment.", valueName: "when"))
    var since: String?
    @Option(help: ArgumentHelp("Only this rule.", valueName: "id"))
    var rule: String?
    @Option(help: "Only those that stand so, or whose delivery does.")
    var state: State?
    @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit: Int = 50
    @OptionGroup var options: OperatorOptions

    mutating func validate() throws {
        guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 1000000.") }
        if let since, Instant.milliseconds(since, now: 0) == nil {
            throw ValidationError("--since must be like 30m, 24h, 7d, 2025-03-10 or 2025-03-10T08:00:00Z.")
        }
    }

    func run() async throws {
        let settings = try options.settings(needs: [.database])
        let pages = AlertPages(
            sinceMilliseconds: since.flatMap { Instant.milliseconds($0, now: SystemClock().nowMilliseconds) },
            rule: rule,
            state: state?.rawValue)
        let entries = try await FleetDatabases.with(settings) { try await pages.read($0, limit: limit) }
        if entries.isEmpty, !options.json { options.console.note("No alerts.") }
        try options.console.report(entries, text: entries.isEmpty ? "" : AlertEntry.text(entries))
    }
}
