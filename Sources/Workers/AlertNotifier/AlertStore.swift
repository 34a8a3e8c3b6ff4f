import Alerting
import Contracts
import Postgres

/// Keeps alerts and plans their deliveries. Part of the batch's transaction.
enum AlertStore {
    /// Inserts what is not there yet; a repetition changes nothing.
    static func insert(_ alerts: [StoredAlert], laneCount: Int32, in transaction: PostgresTransaction) async throws {
        guard !alerts.isEmpty else { return }
        // Sorted, so that two transactions never wait for each other in a circle. Deliveries keep the order of the batch,
        // in which they are told: whoever meets one of them in another transaction has waited for its alert before.
        let sorted = alerts.sorted { $0.alert.alertID < $1.alert.alertID }
        try await transaction.pipeline([
            (insertAlerts, alertColumns(sorted)), (insertDeliveries, deliveryColumns(alerts, laneCount)),
        ])
    }

    private static let insertAlerts = """
        INSERT INTO alerting.alerts
            (alert_id, corp_id, rule_id, rule_name, severity, employee_id, customer_id, conversation_id, msgid,
             self_test, event, raised_at, state)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::text[], $7::text[],
             $8::text[], $9::text[], $10::boolean[], $11::bytea[], $12::timestamptz[], $13::text[])
        ON CONFLICT (alert_id) DO NOTHING
        """

    private static func alertColumns(_ alerts: [StoredAlert]) -> [PostgresValue] {
        [
            .textArray(alerts.map(\.alert.alertID)),
            .textArray(alerts.map(\.alert.corpID)),
            .textArray(alerts.map(\.alert.rule.id)),
            .textArray(alerts.map(\.alert.rule.name)),
            .int16Array(alerts.map { Int16($0.alert.rule.severity.rawValue) }),
            .textArray(alerts.map(\.alert.employeeID)),
            .textArray(alerts.map(\.alert.customerID)),
            .textArray(alerts.map(\.alert.message.conversation.id)),
            .textArray(alerts.map(\.alert.message.messageID)),
            .boolArray(alerts.map(\.alert.selfTest)),
            .bytesArray(alerts.map(\.event)),
            .timestampArray(milliseconds: alerts.map(\.alert.raisedAt)),
            .textArray(alerts.map { $0.isUndeliverable ? "undeliverable" : "accepted" }),
        ]
    }

    private static let insertDeliveries = """
        INSERT INTO alerting.deliveries
            (alert_id, corp_id, channel, target_id, lane, severity, state)
        SELECT alert_id, corp_id, channel, target_id, lane, severity, 'pending'
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::smallint[])
            WITH ORDINALITY AS planned (alert_id, corp_id, channel, target_id, lane, severity, place)
        ORDER BY place
        ON CONFLICT (alert_id, channel, target_id) DO NOTHING
        """

    private static func deliveryColumns(_ alerts: [StoredAlert], _ laneCount: Int32) -> [PostgresValue] {
        let rows = alerts.flatMap { stored in stored.deliveries.map { (stored.alert, $0) } }
        return [
            .textArray(rows.map(\.0.alertID)),
            .textArray(rows.map(\.1.target.corpID)),
            .textArray(rows.map(\.1.target.channel.rawValue)),
            .textArray(rows.map(\.1.target.id)),
            .int32Array(rows.map { $0.1.target.lane(of: laneCount) }),
            .int16Array(rows.map { Int16($0.0.rule.severity.rawValue) }),
        ]
    }
}
