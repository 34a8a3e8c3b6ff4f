import ArgumentParser
import Contracts
import Postgres

/// `scrm campaigns touches`.
struct CampaignsTouchesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "touches", abstract: "Touches, latest due first: what became of each, and why.",
        discussion: "Example: scrm campaigns touches --customer wmR4xTCwAAq0Zc7hVw2Ue8mJt5Lk9PsA")

    @Option(help: ArgumentHelp("Only this customer.", valueName: "id"))
    var customer: String?
    @Option(help: ArgumentHelp("Only this plan.", valueName: "id"))
    var plan: String?
    @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit: Int = 50
    @OptionGroup var options: OperatorOptions

    mutating func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 10000.") }
    }

    struct Entry: Encodable {
        var touchID: String
        var planID: String
        var stepID: String
        var customerID: String
        var employeeID: String?
        var state: String
        var reason: String?
        var dueAt: String
        /// When it is looked at next, while it waits.
        var nextAt: String?
        var msgid: String?
    }

    func run() async throws {
        let settings = try options.settings(needs: [.database])
        let entries = try await FleetDatabases.with(settings) { try await read($0) }
        if entries.isEmpty, !options.json { options.console.note("No touches.") }
        var table = TextTable(header: ["DUE", "PLAN", "STEP", "CUSTOMER", "EMPLOYEE", "STATE", "REASON", "NEXT LOOK"])
        for entry in entries {
            table.append([
                entry.dueAt, entry.planID, entry.stepID, entry.customerID, entry.employeeID ?? "-", entry.state,
                entry.reason ?? "-", entry.nextAt ?? "-",
            ])
        }
        try options.console.report(entries, text: entries.isEmpty ? "" : table.text)
    }

    private func read(_ databases: FleetDatabases) async throws -> [Entry] {
        try await databases.query(
            .campaigns,
            """
            SELECT touch_id, plan_id, step_id, customer_id, employee_id, state, reason, due_at, next_at, msgid
            FROM campaigns.touches
            WHERE ($1::text IS NULL OR customer_id = $1) AND ($2::text IS NULL OR plan_id = $2)
            ORDER BY due_at DESC, touch_id LIMIT $3
            """, [PostgresValue(text: customer), PostgresValue(text: plan), .int64(Int64(limit))]
        ).map { row in
            let state = try row.decode(String.self, at: 5)
            return Entry(
                touchID: try row.decode(String.self, at: 0), planID: try row.decode(String.self, at: 1),
                stepID: try row.decode(String.self, at: 2), customerID: try row.decode(String.self, at: 3),
                employeeID: try row.decode(String?.self, at: 4), state: state,
                reason: try row.decode(String?.self, at: 6),
                dueAt: Instant.text(try row.decode(PostgresTimestamp.self, at: 7).milliseconds),
                nextAt: state == "planned"
                    ? Instant.text(try row.decode(PostgresTimestamp.self, at: 8).milliseconds) : nil,
                msgid: try row.decode(String?.self, at: 9))
        }
    }
}
