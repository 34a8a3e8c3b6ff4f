import Alerting
import ArgumentParser
import Contracts
import Postgres
import WorkerHost

/// `scrm alerts show`.
struct AlertsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One alert: its deliveries, where it stands, and all that was done about it.",
        discussion: "Example: scrm alerts show al_ncp99mr08d65r5vyyx4f2jh92e")

    @Argument(help: ArgumentHelp("The alert's id.", valueName: "alert"))
    var alert: String
    @OptionGroup var options: OperatorOptions

    struct Report: Encodable {
        var alert: AlertEntry
        var recalled: Bool
        var history: [Line]

        struct Line: Encodable {
            var at: String
            var event: String
            var actor: String?
            var result: String?
            var note: String?
            var outcome: String
            var holder: String?
            var recipients: [String]
        }

        var text: String {
            let lines = history.map { line in
                let result = line.result.flatMap(AlertResult.init(rawValue:)).map { " (\($0.title))" } ?? ""
                let late = line.outcome == "too_late" ? " too late, \(line.holder ?? "somebody") has it" : ""
                let told = line.recipients.isEmpty ? "" : " to \(line.recipients.joined(separator: ", "))"
                return "  \(line.at)  \(line.event)\(result)\(line.actor.map { " by \($0)" } ?? "")\(told)\(late)"
                    + (line.note.map { ": \($0)" } ?? "")
            }
            return AlertEntry.text([alert]) + (recalled ? "\nThe message was withdrawn." : "") + "\n"
                + (lines.isEmpty ? "No history." : lines.joined(separator: "\n"))
        }
    }

    func run() async throws {
        let settings = try options.settings(needs: [.database])
        let report = try await FleetDatabases.with(settings) { databases -> Report? in
            guard let entry = try await AlertPages(alertID: alert).read(databases, limit: 1).first else { return nil }
            let rows = try await databases.query(
                .alerting,
                """
                SELECT at, event, actor, result, note, outcome, holder, recipients FROM alerting.history
                WHERE alert_id = $1 ORDER BY decided_at, place
                """, [.text(entry.mergedInto ?? entry.alertID)])
            let recalls = try await databases.query(
                .alerting, "SELECT FROM alerting.context_recalls WHERE alert_id = $1 AND msgid = $2",
                [.text(entry.alertID), .text(entry.msgid)])
            return Report(
                alert: entry, recalled: !recalls.isEmpty,
                history: try rows.map { row in
                    Report.Line(
                        at: Instant.text(try row.decode(PostgresTimestamp.self, at: 0).milliseconds),
                        event: try row.decode(String.self, at: 1), actor: try row.decode(String?.self, at: 2),
                        result: try row.decode(String?.self, at: 3), note: try row.decode(String?.self, at: 4),
                        outcome: try row.decode(String.self, at: 5), holder: try row.decode(String?.self, at: 6),
                        recipients: try row.decode([String].self, at: 7))
                })
        }
        guard let report else {
            throw OperatorFailure(
                .usage, "There is no alert \(alert).", advice: "`scrm alerts list --json` has the ids.")
        }
        try options.console.report(report, text: report.text)
    }
}
