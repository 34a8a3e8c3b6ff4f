import Alerting
import Contracts
import Foundation
import Postgres

/// The tables `alerting.context_lines` and `alerting.context_recalls`, and all that follows an alert.
enum ContextStore {
    /// Inserts what is not there yet; a repetition changes nothing.
    static func insert(_ contexts: [AlertContext], in transaction: PostgresTransaction) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // In the order of their alerts, so that two transactions never wait for each other in a circle; those of one
        // alert keep the order in which they came.
        let lines = contexts.flatMap { context in context.lines.map { (id: context.alertID, line: $0) } }
        let recalls = contexts.flatMap { context in context.recalledMessageIDs.map { (context.alertID, $0) } }.sorted {
            $0 < $1
        }
        var statements: [(String, [PostgresValue])] = []
        if !lines.isEmpty {
            statements.append(
                (
                    """
                    INSERT INTO alerting.context_lines (alert_id, msgid, line)
                    SELECT alert_id, msgid, line
                    FROM unnest($1::text[], $2::text[], $3::bytea[]) WITH ORDINALITY AS new (alert_id, msgid, line, place)
                    ORDER BY alert_id, place
                    ON CONFLICT (alert_id, msgid) DO NOTHING
                    """,
                    [
                        .textArray(lines.map(\.id)), .textArray(lines.map(\.line.messageID)),
                        .bytesArray(try lines.map { Array(try encoder.encode($0.line)) }),
                    ]
                ))
        }
        if !recalls.isEmpty {
            statements.append(
                (
                    """
                    INSERT INTO alerting.context_recalls (alert_id, msgid) SELECT * FROM unnest($1::text[], $2::text[])
                    ON CONFLICT (alert_id, msgid) DO NOTHING
                    """, [.textArray(recalls.map(\.0)), .textArray(recalls.map(\.1))]
                ))
        }
        if !statements.isEmpty { try await transaction.pipeline(statements) }
    }

    /// Hits shown of those that joined an alert.
    private static let maximumJoined: Int64 = 100

    /// What came after an alert, so far.
    static func followUp(of alertID: String, on pool: PostgresPool) async throws -> AlertFollowUp {
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
