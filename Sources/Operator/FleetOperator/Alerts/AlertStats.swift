import Contracts
import Foundation
import Postgres

/// How alerts are dealt with. Without those that joined another, and without self-tests.
struct AlertStats: Encodable {
    /// Seconds from the message.
    struct Times: Encodable, Equatable {
        var count: Int64
        /// `nil` without any.
        var p50: Double?
        var p95: Double?
    }

    struct Open: Encodable, Equatable {
        var corpID: String
        var severity: Int
        /// Of the employee, by the directory the notifier adopted last; `nil` for none.
        var department: String?
        /// Nobody has acknowledged them.
        var open: Int64
        var acknowledged: Int64
    }

    struct Rule: Encodable, Equatable {
        var ruleID: String
        var resolved: Int64
        var falseAlarms: Int64
    }

    var firstDelivery: Times
    var acknowledgement: Times
    var resolution: Times
    var escalations: Int64
    /// All that are not resolved now, whenever they were raised.
    var open: [Open]
    var rules: [Rule]

    /// - Parameter since: only alerts raised since, milliseconds UTC; `nil` for all.
    static func read(_ databases: FleetDatabases, since: Int64?) async throws -> AlertStats {
        let since = [PostgresValue(timestampMilliseconds: since)]
        let figures = try await databases.query(.alerting, timesSQL, since)
        guard let row = figures.first else { throw OperatorFailure(.failure, "The database gave no figures.") }
        func times(_ place: Int) throws -> Times {
            Times(
                count: try row.decode(Int64.self, at: place), p50: try row.decode(Double?.self, at: place + 1),
                p95: try row.decode(Double?.self, at: place + 2))
        }
        let rules = try await databases.query(.alerting, rulesSQL, since)
        return AlertStats(
            firstDelivery: try times(0), acknowledgement: try times(3), resolution: try times(6),
            escalations: try row.decode(Int64.self, at: 9), open: try await open(databases),
            rules: try rules.map { row in
                let (id, resolved, falseAlarms) = try row.decode(String.self, Int64.self, Int64.self)
                return Rule(ruleID: id, resolved: resolved, falseAlarms: falseAlarms)
            })
    }

    private static let timesSQL = """
        SELECT count(told), percentile_cont(0.5) WITHIN GROUP (ORDER BY told),
            percentile_cont(0.95) WITHIN GROUP (ORDER BY told),
            count(taken), percentile_cont(0.5) WITHIN GROUP (ORDER BY taken),
            percentile_cont(0.95) WITHIN GROUP (ORDER BY taken),
            count(resolved), percentile_cont(0.5) WITHIN GROUP (ORDER BY resolved),
            percentile_cont(0.95) WITHIN GROUP (ORDER BY resolved), coalesce(sum(escalations), 0)::bigint
        FROM (
            SELECT extract(epoch FROM (SELECT min(finished_at) FROM alerting.deliveries AS d
                    WHERE d.alert_id = a.alert_id AND d.state = 'delivered' AND d.escalation = 0) - a.said_at
                )::double precision AS told,
                extract(epoch FROM s.acknowledged_at - a.said_at)::double precision AS taken,
                extract(epoch FROM s.resolved_at - a.said_at)::double precision AS resolved, s.escalations
            FROM alerting.alert_states AS s JOIN alerting.alerts AS a USING (alert_id)
            WHERE $1::timestamptz IS NULL OR a.raised_at >= $1
        ) AS one
        """

    private static let rulesSQL = """
        SELECT a.rule_id, count(*), count(*) FILTER (WHERE s.result = 'false_alarm')
        FROM alerting.alert_states AS s JOIN alerting.alerts AS a USING (alert_id)
        WHERE s.state = 'resolved' AND ($1::timestamptz IS NULL OR a.raised_at >= $1)
        GROUP BY a.rule_id ORDER BY 3 DESC, 1
        """

    private static func open(_ databases: FleetDatabases) async throws -> [Open] {
        let directories = try await databases.query(
            .alerting,
            """
            SELECT DISTINCT ON (key) value FROM alerting.snapshots WHERE kind = $1 ORDER BY key, adopted_at DESC
            """, [.text(DirectoryConfiguration.kind)])
        var departments: [String: [String: String]] = [:]
        for row in directories {
            // Removed, or of a later version: then the department is not known.
            guard
                let directory = try? JSONDecoder().decode(
                    DirectoryConfiguration.self, from: Data(try row.decode([UInt8].self, at: 0)))
            else { continue }
            let names = Dictionary(directory.departments.map { ($0.id, $0.name) }) { first, _ in first }
            departments[directory.corpID] = Dictionary(
                directory.employees.map { ($0.id.lowercased(), names[$0.departmentID] ?? String($0.departmentID)) }
            ) { first, _ in first }
        }
        let rows = try await databases.query(
            .alerting,
            """
            SELECT s.corp_id, a.employee_id, s.severity, count(*) FILTER (WHERE s.state = 'open'),
                count(*) FILTER (WHERE s.state = 'acknowledged')
            FROM alerting.alert_states AS s JOIN alerting.alerts AS a USING (alert_id)
            WHERE s.state <> 'resolved' GROUP BY 1, 2, 3 ORDER BY 1, 3 DESC, 2
            """)
        var open: [Open] = []
        for row in rows {
            let corpID = try row.decode(String.self, at: 0)
            let severity = Int(try row.decode(Int16.self, at: 2))
            let department = try row.decode(String?.self, at: 1).flatMap { departments[corpID]?[$0.lowercased()] }
            let counts = (try row.decode(Int64.self, at: 3), try row.decode(Int64.self, at: 4))
            if let index = open.firstIndex(where: {
                $0.corpID == corpID && $0.severity == severity && $0.department == department
            }) {
                open[index].open += counts.0
                open[index].acknowledged += counts.1
            } else {
                open.append(
                    Open(
                        corpID: corpID, severity: severity, department: department, open: counts.0,
                        acknowledged: counts.1))
            }
        }
        return open
    }

    var text: String {
        var table = TextTable(header: ["FROM THE MESSAGE TO", "ALERTS", "P50", "P95"])
        for (name, times) in [
            ("first delivery", firstDelivery), ("acknowledgement", acknowledgement), ("resolution", resolution),
        ] {
            table.append([name, String(times.count), Self.duration(times.p50), Self.duration(times.p95)])
        }
        var unresolved = TextTable(header: ["CORP", "LEVEL", "DEPARTMENT", "OPEN", "ACKNOWLEDGED"])
        for entry in open {
            unresolved.append([
                entry.corpID, String(entry.severity), entry.department ?? "-", String(entry.open),
                String(entry.acknowledged),
            ])
        }
        var judged = TextTable(header: ["RULE", "RESOLVED", "FALSE ALARMS"])
        for rule in rules { judged.append([rule.ruleID, String(rule.resolved), String(rule.falseAlarms)]) }
        return [
            table.text, "\(escalations) escalations", open.isEmpty ? "Nothing is open." : unresolved.text,
            rules.isEmpty ? "Nothing was resolved." : judged.text,
        ].joined(separator: "\n\n")
    }

    private static func duration(_ seconds: Double?) -> String {
        guard let seconds else { return "-" }
        if seconds < 120 { return "\((seconds * 10).rounded() / 10) s" }
        return seconds < 7_200 ? "\(Int(seconds / 60)) min" : "\((seconds / 360).rounded() / 10) h"
    }
}
