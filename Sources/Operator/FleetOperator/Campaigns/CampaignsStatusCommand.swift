import ArgumentParser
import Contracts
import Postgres
import WorkerHost

/// `scrm campaigns status`.
struct CampaignsStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Which plans are in force, who runs them, and what became of their touches.",
        discussion: "Exit code 3 when a live copy runs another version. Example: scrm campaigns status --json")

    @Option(help: ArgumentHelp("Only this corp.", valueName: "id"))
    var corp: String?
    @OptionGroup var options: OperatorOptions

    func run() async throws {
        let settings = try options.settings(needs: [.kafka, .database])
        let applied = try await AppliedCampaigns.all(settings, corp: corp)
        let (heartbeats, counts) = try await FleetDatabases.with(settings) { databases in
            (try await Heartbeat.live(.campaigns, databases), try await Self.counts(databases))
        }
        let status = CampaignsStatus(applied: applied, heartbeats: heartbeats, counts: counts)
        try options.console.report(status, text: status.text)
        if !status.isCurrent { throw Outcome.notReached }
    }

    private static func counts(_ databases: FleetDatabases) async throws -> [CampaignsStatus.Count] {
        let rows = try await databases.query(
            .campaigns,
            """
            SELECT corp_id, plan_id, CASE WHEN state = 'planned' AND reason IS NOT NULL THEN 'deferred' ELSE state END AS shown,
                   reason, count(*)
            FROM campaigns.touches GROUP BY corp_id, plan_id, shown, reason ORDER BY corp_id, plan_id, shown, reason
            """)
        return try rows.map { row in
            let (corpID, planID, state, reason, count) = try row.decode(
                String.self, String.self, String.self, String?.self, Int64.self)
            return .init(corpID: corpID, planID: planID, state: state, reason: reason, touches: count)
        }
    }
}

/// Plans in force, the copies that run them, and their touches by state. Pure.
struct CampaignsStatus: Encodable {
    struct Plan: Encodable {
        var corpID: String
        var planID: String
        var name: String
        var paused: Bool
        var version: String
    }

    struct Copy: Encodable {
        var instance: String
        var isCurrent: Bool
        /// What time it is for its guards, if that is not the real time.
        var clock: String?
        var waitingFor: String?
    }

    struct Count: Encodable, Equatable {
        var corpID: String
        var planID: String
        /// `planned`, `deferred` (put off by a guard), `ready`, `claimed`, `created`, `reached`, `refused`, `failed`, `unsure`.
        var state: String
        var reason: String?
        var touches: Int64
    }

    var plans: [Plan]
    var copies: [Copy]
    var touches: [Count]

    init(applied: [AppliedCampaigns], heartbeats: [Heartbeat], counts: [Count]) {
        plans = applied.flatMap { set in
            set.configuration.plans.map {
                Plan(
                    corpID: set.configuration.corpID, planID: $0.id, name: $0.name,
                    paused: $0.paused || set.configuration.paused, version: set.version)
            }
        }
        copies = heartbeats.map { heartbeat in
            let versions = heartbeat.status.versions[CampaignsFile.kind] ?? [:]
            return Copy(
                instance: heartbeat.instance, isCurrent: applied.allSatisfy { versions[$0.key] == $0.version },
                clock: heartbeat.status.remarks?["campaign clock"], waitingFor: heartbeat.status.waitingFor)
        }
        let corps = Set(applied.map(\.configuration.corpID))
        touches = counts.filter { corps.contains($0.corpID) }
    }

    var isCurrent: Bool { copies.allSatisfy(\.isCurrent) }

    var text: String {
        guard !plans.isEmpty else { return "No plans are applied." }
        var lines: [String] = []
        for plan in plans {
            lines.append("\(plan.corpID) \(plan.planID) \(plan.name)\(plan.paused ? " (paused)" : "")")
            for count in touches where count.corpID == plan.corpID && count.planID == plan.planID {
                lines.append("    \(count.touches) \(count.state)\(count.reason.map { ": \($0)" } ?? "")")
            }
        }
        if copies.isEmpty { lines.append("No live copy runs them.") }
        lines += copies.map { copy in
            "\(copy.instance) \(copy.isCurrent ? "runs them" : "runs another version")"
                + (copy.clock.map { "; its clock is \($0)" } ?? "")
                + (copy.waitingFor.map { ", waits for \($0)" } ?? "")
        }
        return lines.joined(separator: "\n")
    }
}
