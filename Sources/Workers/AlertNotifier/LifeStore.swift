import Alerting
import Contracts
import Postgres

/// The states of alerts. Part of a lane's transaction. Whoever changes a state holds its row's lock, taken in the order
/// of the ids: an action with a wrong key may come by another lane than its alert.
enum LifeStore {
    /// A state and what is to be told of it.
    struct Entry: Sendable {
        var alertID: String
        var corpID: String
        var conversationID: String
        var customerID: String?
        var employeeID: String?
        var ruleID: String
        var severity: Severity
        var side: Party.Kind?
        var life: AlertLife
        /// When it was opened, milliseconds UTC.
        var openedAt: Int64

        /// What other workers are told after a change.
        func changed(by actor: String?, at: Int64) -> AlertStateChange {
            AlertStateChange(
                corpID: corpID, alertID: alertID, conversationID: conversationID, customerID: customerID,
                employeeID: employeeID, ruleID: ruleID, severity: severity, state: life.state, revision: life.revision,
                actor: actor, result: life.result, at: at)
        }
    }

    /// Opens the states of alerts that join no other. A self-test has no life.
    /// - Parameters:
    ///   - alerts: new ones, stored in this transaction.
    ///   - lane: that fires their escalations.
    static func open(
        _ alerts: [StoredAlert], lane: Int32, policy: EscalationPolicy, working: WorkingClocks,
        in transaction: PostgresTransaction
    ) async throws -> [Entry] {
        let heads = alerts.filter { $0.joins == nil && !$0.alert.selfTest }
            .sorted { $0.alert.alertID < $1.alert.alertID }
        guard !heads.isEmpty else { return [] }
        let now = try await DeliveryStore.now(in: transaction)
        let due = heads.map { stored in
            let working = working(stored.alert.corpID, stored.alert.employeeID)
            return stored.isUndeliverable ? nil : policy.due(stored.severity, .open, from: now, working: working)
        }
        try await transaction.execute(
            """
            INSERT INTO alerting.alert_states
                (alert_id, corp_id, lane, severity, state, revision, opened_at, escalates_at)
            SELECT alert_id, corp_id, $3, severity, 'open', 1, opened_at, escalates_at
            FROM unnest($1::text[], $2::text[], $4::smallint[], $5::timestamptz[], $6::timestamptz[])
                AS new (alert_id, corp_id, severity, opened_at, escalates_at)
            """,
            [
                .textArray(heads.map(\.alert.alertID)), .textArray(heads.map(\.alert.corpID)), .int32(lane),
                .int16Array(heads.map { Int16($0.severity.rawValue) }),
                .timestampArray(milliseconds: heads.map(\.alert.raisedAt)), .timestampArray(milliseconds: due),
            ])
        return heads.map { stored in
            Entry(
                alertID: stored.alert.alertID, corpID: stored.alert.corpID,
                conversationID: stored.alert.message.conversation.id, customerID: stored.alert.customerID,
                employeeID: stored.alert.employeeID, ruleID: stored.alert.rule.id, severity: stored.severity,
                side: stored.alert.message.sender.kind, life: .opened, openedAt: stored.alert.raisedAt)
        }
    }

    /// Locks the states that these alerts have, of their own or with the alert they joined.
    /// - Returns: by the id that was asked for.
    static func lock(
        _ alertIDs: Set<String>, in transaction: PostgresTransaction
    ) async throws -> [String: Entry] {
        let rows = try await transaction.execute(
            """
            SELECT asked.alert_id, s.alert_id, h.corp_id, h.conversation_id, h.customer_id, h.employee_id, h.rule_id,
                s.severity, h.side, s.state, s.revision, s.holder, s.result,
                (extract(epoch FROM s.opened_at) * 1000)::bigint
            FROM unnest($1::text[]) AS asked (alert_id)
                JOIN alerting.alerts AS a ON a.alert_id = asked.alert_id
                JOIN alerting.alert_states AS s ON s.alert_id = coalesce(a.merged_into, a.alert_id)
                JOIN alerting.alerts AS h ON h.alert_id = s.alert_id
            ORDER BY s.alert_id, asked.alert_id FOR UPDATE OF s
            """, [.textArray(alertIDs.sorted())])
        var entries: [String: Entry] = [:]
        for row in rows { entries[try row.decode(String.self, at: 0)] = try entry(row) }
        return entries
    }

    private static func entry(_ row: PostgresRow) throws -> Entry {
        let (state, severity) = (try row.decode(String.self, at: 9), try row.decode(Int16.self, at: 7))
        guard let state = AlertState(rawValue: state), let severity = Severity(rawValue: Int(severity)) else {
            throw PostgresError.misuse("alerting.alert_states holds an unknown state or severity")
        }
        return Entry(
            alertID: try row.decode(String.self, at: 1), corpID: try row.decode(String.self, at: 2),
            conversationID: try row.decode(String.self, at: 3), customerID: try row.decode(String?.self, at: 4),
            employeeID: try row.decode(String?.self, at: 5), ruleID: try row.decode(String.self, at: 6),
            severity: severity, side: try row.decode(String?.self, at: 8).flatMap(Party.Kind.init),
            life: AlertLife(
                state: state, revision: Int(try row.decode(Int32.self, at: 10)),
                holder: try row.decode(String?.self, at: 11),
                result: try row.decode(String?.self, at: 12).flatMap(AlertResult.init)),
            openedAt: try row.decode(Int64.self, at: 13))
    }
}
