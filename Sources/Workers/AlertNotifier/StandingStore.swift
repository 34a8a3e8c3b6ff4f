import Alerting
import Contracts
import Foundation
import Postgres

/// Reads where an alert stands, for its page.
enum StandingStore {
    static func read(_ alertID: String, on pool: PostgresPool) async throws -> AlertStanding? {
        let rows = try await pool.execute(
            """
            SELECT s.alert_id, s.state, s.revision, s.holder, s.result FROM alerting.alerts AS a
                JOIN alerting.alert_states AS s ON s.alert_id = coalesce(a.merged_into, a.alert_id)
            WHERE a.alert_id = $1
            """, [.text(alertID)])
        guard let row = rows.first, let state = AlertState(rawValue: try row.decode(String.self, at: 1)) else {
            return nil
        }
        let headID = try row.decode(String.self, at: 0)
        let history = try await pool.execute(
            """
            SELECT (extract(epoch FROM at) * 1000)::bigint, event, actor, result, note, outcome, holder, recipients
            FROM alerting.history WHERE alert_id = $1 ORDER BY decided_at, place
            """, [.text(headID)])
        return AlertStanding(
            headID: headID,
            life: AlertLife(
                state: state, revision: Int(try row.decode(Int32.self, at: 2)),
                holder: try row.decode(String?.self, at: 3),
                result: try row.decode(String?.self, at: 4).flatMap(AlertResult.init)),
            history: try history.compactMap(entry))
    }

    private static func entry(_ row: PostgresRow) throws -> AlertHistoryEntry? {
        guard let event = AlertHistoryEntry.Event(rawValue: try row.decode(String.self, at: 1)),
            let outcome = AlertLife.Outcome(rawValue: try row.decode(String.self, at: 5))
        else { return nil }
        return AlertHistoryEntry(
            at: try row.decode(Int64.self, at: 0), event: event, actor: try row.decode(String?.self, at: 2),
            result: try row.decode(String?.self, at: 3).flatMap(AlertResult.init),
            note: try row.decode(String?.self, at: 4), outcome: outcome, holder: try row.decode(String?.self, at: 6),
            recipients: try row.decode([String].self, at: 7))
    }

    /// What was decided about an action on this alert; `nil`: nothing yet.
    static func outcome(
        of actionID: String, alertID: String, on pool: PostgresPool
    ) async throws -> (outcome: AlertLife.Outcome, holder: String?)? {
        let rows = try await pool.execute(
            "SELECT outcome, holder FROM alerting.actions WHERE action_id = $1 AND alert_id = $2",
            [.text(actionID), .text(alertID)])
        guard let row = rows.first else { return nil }
        let (word, holder) = try row.decode(String.self, String?.self)
        return AlertLife.Outcome(rawValue: word).map { ($0, holder) }
    }
}
