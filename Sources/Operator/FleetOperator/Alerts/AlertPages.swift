import Contracts
import Foundation
import Postgres

/// Reads alerts, newest first, page by page by key: short transactions that don't hold back the notifier.
struct AlertPages {
    var sinceMilliseconds: Int64?
    var rule: String?
    var state: String?
    var alertID: String?

    private static let pageSize = 500

    func read(_ databases: FleetDatabases, limit: Int) async throws -> [AlertEntry] {
        var entries: [AlertEntry] = []
        var cursor: (raisedAt: PostgresTimestamp, id: String)?
        while entries.count < limit {
            let size = min(Self.pageSize, limit - entries.count)
            let rows = try await databases.query(
                .alerting, Self.sql,
                [
                    PostgresValue(timestampMilliseconds: cursor?.raisedAt.milliseconds),
                    PostgresValue(text: cursor?.id),
                    PostgresValue(timestampMilliseconds: sinceMilliseconds), PostgresValue(text: rule),
                    PostgresValue(text: state), PostgresValue(text: alertID), .int64(Int64(size)),
                ])
            for row in rows {
                let raisedAt = try row.decode(PostgresTimestamp.self, at: 1)
                let entry = try Self.entry(row, raisedAt: raisedAt)
                cursor = (raisedAt, entry.alertID)
                entries.append(entry)
            }
            if rows.count < size { break }
        }
        return entries
    }

    private static let sql = """
        SELECT a.alert_id, date_trunc('milliseconds', a.raised_at), a.corp_id, a.rule_id, a.rule_name, a.severity, a.employee_id,
               a.customer_id, a.msgid, a.self_test, s.state, d.deliveries::text, a.merged_into,
               1 + (SELECT count(*) FROM alerting.alerts j WHERE j.merged_into = a.alert_id),
               h.state, h.holder, h.result
        FROM alerting.alerts a
        LEFT JOIN alerting.alert_states h ON h.alert_id = coalesce(a.merged_into, a.alert_id)
        CROSS JOIN LATERAL (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'channel', channel, 'target', target_id, 'state', state, 'attempts', attempts, 'reason', reason,
                       'may_be_repeated', may_be_repeated,
                       'escalation', escalation) ORDER BY delivery_id), '[]') AS deliveries,
                   coalesce(bool_or(state IN ('pending', 'claimed')), false) AS is_open,
                   coalesce(bool_or(state = 'failed'), false) AS has_failed
            FROM alerting.deliveries WHERE alert_id = a.alert_id
        ) d
        CROSS JOIN LATERAL (
            SELECT CASE WHEN a.state IN ('undeliverable', 'merged') THEN a.state WHEN d.is_open THEN 'pending'
                        WHEN d.has_failed THEN 'failed' ELSE 'delivered' END AS state
        ) s
        WHERE ($1::timestamptz IS NULL OR (date_trunc('milliseconds', a.raised_at), a.alert_id) < ($1, $2::text))
          AND ($3::timestamptz IS NULL OR a.raised_at >= $3)
          AND ($4::text IS NULL OR a.rule_id = $4)
          AND ($5::text IS NULL OR s.state = $5 OR h.state = $5)
          AND ($6::text IS NULL OR a.alert_id = $6)
        ORDER BY date_trunc('milliseconds', a.raised_at) DESC, a.alert_id DESC
        LIMIT $7::bigint
        """

    private static func entry(_ row: PostgresRow, raisedAt: PostgresTimestamp) throws -> AlertEntry {
        AlertEntry(
            alertID: try row.decode(String.self, at: 0), raisedAt: Instant.text(raisedAt.milliseconds),
            corpID: try row.decode(String.self, at: 2), ruleID: try row.decode(String.self, at: 3),
            ruleName: try row.decode(String.self, at: 4), severity: Int(try row.decode(Int16.self, at: 5)),
            employeeID: try row.decode(String?.self, at: 6), customerID: try row.decode(String?.self, at: 7),
            msgid: try row.decode(String.self, at: 8), selfTest: try row.decode(Bool.self, at: 9),
            state: try row.decode(String.self, at: 10), handling: try row.decode(String?.self, at: 14),
            holder: try row.decode(String?.self, at: 15), result: try row.decode(String?.self, at: 16),
            mergedInto: try row.decode(String?.self, at: 12),
            hits: try row.decode(Int64.self, at: 13),
            deliveries: try JSONDecoder().decode(
                [AlertEntry.Delivery].self, from: Data(try row.decode(String.self, at: 11).utf8)))
    }
}
