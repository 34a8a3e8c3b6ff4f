import Alerting
import Contracts
import Foundation
import Postgres

/// All that follows an alert, for its page.
enum FollowUpStore {
    /// Hits shown of those that joined an alert.
    private static let maximumJoined: Int64 = 100

    /// What came after an alert, so far.
    static func read(_ alertID: String, on pool: PostgresPool) async throws -> AlertFollowUp {
        let lines = try await pool.execute(
            "SELECT line FROM alerting.context_lines WHERE alert_id = $1 ORDER BY place", [.text(alertID)])
        let recalls = try await pool.execute(
            "SELECT msgid FROM alerting.context_recalls WHERE alert_id = $1", [.text(alertID)])
        let joined = try await pool.execute(
            "SELECT event FROM alerting.alerts WHERE merged_into = $1 ORDER BY said_at, alert_id LIMIT $2",
            [.text(alertID), .int64(maximumJoined)])
        let place = try await pool.execute(
            """
            SELECT (SELECT count(*) FROM alerting.alerts AS j WHERE j.merged_into = a.alert_id), merged_into
            FROM alerting.alerts AS a WHERE alert_id = $1
            """, [.text(alertID)])
        let (joinedCount, joinedAlertID): (Int64, String?) =
            try place.first.map { try $0.decode(Int64.self, String?.self) } ?? (0, nil)
        return AlertFollowUp(
            lines: try lines.map {
                try JSONDecoder().decode(ContextLine.self, from: Data(try $0.decode([UInt8].self, at: 0)))
            },
            recalledMessageIDs: Set(try recalls.map { try $0.decode(String.self, at: 0) }),
            joined: try joined.map {
                try JSONDecoder().decode(Alert.self, from: Data(try $0.decode([UInt8].self, at: 0)))
            },
            joinedCount: Int(joinedCount), joinedAlertID: joinedAlertID)
    }
}
