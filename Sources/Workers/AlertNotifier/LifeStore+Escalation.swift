import Alerting
import Contracts
import Foundation
import Postgres

extension LifeStore {
    /// What fired.
    struct Fired: Sendable {
        var severities: [Severity] = []
        /// Lanes that have something to send.
        var lanes: Set<Int32> = []
    }

    private static let maximumFired: Int64 = 100

    /// The database's clock when an escalation of the lane is due; `nil` when none is. Reads outside the lane; only a hint.
    static func dueEscalation(lane: Int32, pool: PostgresPool) async throws -> Int64? {
        let rows = try await pool.execute(
            """
            SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint FROM alerting.alert_states
            WHERE lane = $1 AND escalates_at <= now() LIMIT 1
            """, [.int32(lane)])
        return try rows.first.map { try $0.decode(Int64.self, at: 0) }
    }

    /// Decides the steps that were due at a moment: who hears of the alert now, and when the next step is due.
    ///
    /// Harmless to repeat: a step that is decided is due no more. Robots and webhooks that were told of the alert are told
    /// again, with those mentioned who are to hear of it now; with an app of the corp they are written to as well.
    /// - Parameter moment: milliseconds UTC; the lane has processed everything that the broker held then.
    static func escalate(
        lane: Int32, laneCount: Int32, dueBy moment: Int64, policy: EscalationPolicy, working: WorkingClocks,
        configuration: NotifierConfiguration, in transaction: PostgresTransaction
    ) async throws -> Fired {
        let rows = try await transaction.execute(
            """
            SELECT s.alert_id, s.severity, s.state, s.step, s.escalations, a.event
            FROM alerting.alert_states AS s JOIN alerting.alerts AS a USING (alert_id)
            WHERE s.lane = $1 AND s.escalates_at <= $2 ORDER BY s.alert_id LIMIT $3 FOR UPDATE OF s
            """, [.int32(lane), .timestamp(milliseconds: moment), .int64(maximumFired)])
        guard !rows.isEmpty else { return Fired() }
        let now = try await DeliveryStore.now(in: transaction)
        var fired = Fired()
        var steps: [(alertID: String, step: Int?, recipients: [String], next: Int64?)] = []
        var people: [(alertID: String, target: DeliveryTarget)] = []
        for row in rows {
            let id = try row.decode(String.self, at: 0)
            let severity = Severity(rawValue: Int(try row.decode(Int16.self, at: 1)))
            let state = AlertState(rawValue: try row.decode(String.self, at: 2))
            let step = Int(try row.decode(Int32.self, at: 3)) + 1
            let event = Data(try row.decode([UInt8].self, at: 5))
            // It was decoded before it was stored; if it no longer is an alert, nobody can be told of it.
            guard let severity, let state, let alert = try? JSONDecoder().decode(Alert.self, from: event) else {
                steps.append((id, nil, [], nil))
                continue
            }
            let ladder = EscalationLadder(for: alert, directory: configuration.directory(of: alert.corpID))
            guard let recipients = ladder.recipients(ofStep: step) else {
                steps.append((id, nil, [], nil))
                continue
            }
            let next =
                ladder.recipients(ofStep: step + 1) == nil
                ? nil
                : policy.due(severity, state, from: now, working: working(alert.corpID, alert.employeeID))
            steps.append((id, step, recipients, next))
            if configuration.app(of: alert.corpID) != nil {
                people += Set(recipients.map { DeliveryTarget(corpID: alert.corpID, channel: .app, id: $0) })
                    .sorted { $0.id < $1.id }.map { (id, $0) }
            }
            fired.severities.append(severity)
        }
        let (told, texts) = (steps.filter { $0.step != nil }, PostgresValue.textArray)
        let results = try await transaction.pipeline([
            (
                """
                UPDATE alerting.alert_states AS s SET step = coalesce(new.step, s.step), escalates_at = new.next,
                    escalations = s.escalations + CASE WHEN new.step IS NULL THEN 0 ELSE 1 END
                FROM unnest($1::text[], $2::integer[], $3::timestamptz[]) AS new (alert_id, step, next)
                WHERE s.alert_id = new.alert_id
                """,
                [
                    texts(steps.map(\.alertID)), .int32Array(steps.map { $0.step.map(Int32.init) }),
                    .timestampArray(milliseconds: steps.map(\.next)),
                ]
            ),
            (
                """
                INSERT INTO alerting.escalations (alert_id, number, revision, step, state, holder, recipients)
                SELECT s.alert_id, s.escalations, s.revision, s.step, s.state, s.holder,
                    array(SELECT person FROM unnest($2::text[], $3::text[]) AS told (alert_id, person)
                        WHERE told.alert_id = s.alert_id)
                FROM alerting.alert_states AS s WHERE s.alert_id = ANY ($1)
                """,
                [
                    texts(told.map(\.alertID)),
                    texts(told.flatMap { step in step.recipients.map { _ in step.alertID } }),
                    texts(told.flatMap(\.recipients)),
                ]
            ),
            (
                """
                INSERT INTO alerting.deliveries
                    (alert_id, escalation, corp_id, channel, target_id, lane, severity, state)
                SELECT d.alert_id, s.escalations, d.corp_id, d.channel, d.target_id, d.lane, s.severity, 'pending'
                FROM alerting.deliveries AS d JOIN alerting.alert_states AS s USING (alert_id)
                WHERE d.alert_id = ANY ($1) AND d.escalation = 0 AND d.channel IN ('robot', 'webhook')
                ORDER BY d.delivery_id
                RETURNING lane
                """, [texts(told.map(\.alertID))]
            ),
            (
                """
                INSERT INTO alerting.deliveries
                    (alert_id, escalation, corp_id, channel, target_id, lane, severity, state)
                SELECT s.alert_id, s.escalations, s.corp_id, 'app', person.target_id, person.lane, s.severity, 'pending'
                FROM unnest($1::text[], $2::text[], $3::integer[]) WITH ORDINALITY
                    AS person (alert_id, target_id, lane, place) JOIN alerting.alert_states AS s USING (alert_id)
                ORDER BY person.place
                """,
                [
                    texts(people.map(\.alertID)), texts(people.map(\.target.id)),
                    .int32Array(people.map { $0.target.lane(of: laneCount) }),
                ]
            ),
        ])
        fired.lanes = Set(try results[2].map { try $0.decode(Int32.self, at: 0) })
            .union(people.map { $0.target.lane(of: laneCount) })
        return fired
    }
}
