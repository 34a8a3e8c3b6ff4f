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

    /// Leaves out alerts that are stored already, and finds out which of the others join an earlier one.
    /// - Parameter route: who is told of an alert that the customer's other hits have made urgent.
    static func merge(
        _ alerts: [StoredAlert], coolDown: Duration, frequency: (hits: Int, window: Duration),
        in transaction: PostgresTransaction, route: (Alert) -> [PlannedDelivery]
    ) async throws -> [StoredAlert] {
        guard !alerts.isEmpty else { return [] }
        let threads = Set(alerts.map { AlertMerging.Thread($0.alert) })
        // First, because it takes the customers' locks: what is read afterwards is committed.
        let earlier =
            frequency.hits > 0
            ? try await earlierHits(alerts, window: frequency.window, in: transaction) : [:]
        let rows = try await transaction.pipeline([
            (
                "SELECT alert_id FROM alerting.alerts WHERE alert_id = ANY ($1)",
                [.textArray(alerts.map(\.alert.alertID))]
            ), (selectHeads, threadColumns(Array(threads))),
        ])
        var known = Set(try rows[0].map { try $0.decode(String.self, at: 0) })
        var merging = AlertMerging(coolDown: coolDown, heads: try heads(rows[1]))
        var frequent = FrequencyRaise(hits: frequency.hits, window: frequency.window, earlier: earlier)
        return alerts.compactMap { stored in
            guard known.insert(stored.alert.alertID).inserted else { return nil }
            var stored = stored
            stored.isRaised = frequent.take(stored.alert)
            if stored.isRaised { stored.deliveries = route(stored.told) }
            stored.joins = merging.take(stored.told, targets: Set(stored.deliveries.map(\.target)))
            return stored
        }
    }

    /// Of each thread the alert said last among those that people are told of, with the targets it has not failed at. What
    /// is resolved takes no further hits: nobody looks at it any more.
    private static let selectHeads = """
        SELECT corp_id, conversation_id, rule_id, head.alert_id, head.severity,
            (extract(epoch FROM head.said_at) * 1000)::bigint, head.channels, head.target_ids
        FROM unnest($1::text[], $2::text[], $3::text[]) AS asked (corp_id, conversation_id, rule_id)
        CROSS JOIN LATERAL (
            SELECT a.alert_id, a.severity, a.said_at,
                (SELECT coalesce(array_agg(d.channel ORDER BY delivery_id), '{}') FROM alerting.deliveries AS d
                    WHERE d.alert_id = a.alert_id AND d.state <> 'failed') AS channels,
                (SELECT coalesce(array_agg(d.target_id ORDER BY delivery_id), '{}') FROM alerting.deliveries AS d
                    WHERE d.alert_id = a.alert_id AND d.state <> 'failed') AS target_ids
            FROM alerting.alerts AS a
            WHERE a.corp_id = asked.corp_id AND a.conversation_id = asked.conversation_id
                AND a.rule_id = asked.rule_id AND a.state = 'accepted' AND a.said_at IS NOT NULL
                AND NOT EXISTS (SELECT FROM alerting.alert_states AS s
                    WHERE s.alert_id = a.alert_id AND s.state = 'resolved')
            ORDER BY a.said_at DESC LIMIT 1
        ) AS head
        """

    /// When the customers of these alerts hit rules before, as far as it can matter.
    ///
    /// Customers write in conversations of several lanes: their locks, taken in ascending order, let one lane at a time
    /// count a customer's hits, and are held to the end of the transaction.
    private static func earlierHits(
        _ alerts: [StoredAlert], window: Duration, in transaction: PostgresTransaction
    ) async throws -> [FrequencyRaise.Customer: [Int64]] {
        let hits = alerts.compactMap { stored in
            FrequencyRaise.Customer(stored.alert).map { (customer: $0, saidAt: stored.alert.saidAt) }
        }
        guard !hits.isEmpty else { return [:] }
        let customers = [
            PostgresValue.textArray(hits.map(\.customer.corpID)), .textArray(hits.map(\.customer.customerID)),
        ]
        let rows = try await transaction.pipeline([
            (
                """
                SELECT pg_advisory_xact_lock(key) FROM (
                    SELECT DISTINCT hashtextextended('alerting.customer ' || corp_id || ' ' || customer_id, 0) AS key
                    FROM unnest($1::text[], $2::text[]) AS hit (corp_id, customer_id) ORDER BY key
                ) AS keys
                """, customers
            ),
            (
                """
                SELECT corp_id, customer_id, (extract(epoch FROM a.said_at) * 1000)::bigint
                FROM (
                    SELECT corp_id, customer_id, min(said_at) AS first, max(said_at) AS last
                    FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS hit (corp_id, customer_id, said_at)
                    GROUP BY corp_id, customer_id
                ) AS hit JOIN alerting.alerts AS a USING (corp_id, customer_id)
                WHERE a.side = 'customer' AND a.said_at BETWEEN hit.first - $4 * interval '1 second'
                    AND hit.last + $4 * interval '1 second'
                """,
                customers + [
                    .timestampArray(milliseconds: hits.map(\.saidAt)), .double(window / .seconds(1)),
                ]
            ),
        ])
        var earlier: [FrequencyRaise.Customer: [Int64]] = [:]
        for row in rows[1] {
            let (corpID, customerID, saidAt) = try row.decode(String.self, String.self, Int64.self)
            earlier[.init(corpID: corpID, customerID: customerID), default: []].append(saidAt)
        }
        return earlier
    }

    private static func threadColumns(_ threads: [AlertMerging.Thread]) -> [PostgresValue] {
        [
            .textArray(threads.map(\.corpID)), .textArray(threads.map(\.conversationID)),
            .textArray(threads.map(\.ruleID)),
        ]
    }

    private static func heads(_ rows: PostgresRows) throws -> [AlertMerging.Thread: AlertMerging.Head] {
        var heads: [AlertMerging.Thread: AlertMerging.Head] = [:]
        for row in rows {
            let thread = AlertMerging.Thread(
                corpID: try row.decode(String.self, at: 0), conversationID: try row.decode(String.self, at: 1),
                ruleID: try row.decode(String.self, at: 2))
            guard let severity = Severity(rawValue: Int(try row.decode(Int16.self, at: 4))) else { continue }
            let places = zip(try row.decode([String].self, at: 6), try row.decode([String].self, at: 7))
            let targets = places.compactMap { channel, id in
                Channel(rawValue: channel).map { DeliveryTarget(corpID: thread.corpID, channel: $0, id: id) }
            }
            heads[thread] = AlertMerging.Head(
                alertID: try row.decode(String.self, at: 3), severity: severity,
                saidAt: try row.decode(Int64.self, at: 5), targets: Set(targets))
        }
        return heads
    }

    private static let insertAlerts = """
        INSERT INTO alerting.alerts
            (alert_id, corp_id, rule_id, rule_name, severity, employee_id, customer_id, conversation_id, msgid,
             self_test, event, raised_at, said_at, merged_into, state, side, raised_from)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::text[], $7::text[],
             $8::text[], $9::text[], $10::boolean[], $11::bytea[], $12::timestamptz[], $13::timestamptz[], $14::text[], $15::text[],
             $16::text[], $17::smallint[])
        ON CONFLICT (alert_id) DO NOTHING
        """

    private static func alertColumns(_ alerts: [StoredAlert]) -> [PostgresValue] {
        [
            .textArray(alerts.map(\.alert.alertID)),
            .textArray(alerts.map(\.alert.corpID)),
            .textArray(alerts.map(\.alert.rule.id)),
            .textArray(alerts.map(\.alert.rule.name)),
            .int16Array(alerts.map { Int16($0.severity.rawValue) }),
            .textArray(alerts.map(\.alert.employeeID)),
            .textArray(alerts.map(\.alert.customerID)),
            .textArray(alerts.map(\.alert.message.conversation.id)),
            .textArray(alerts.map(\.alert.message.messageID)),
            .boolArray(alerts.map(\.alert.selfTest)),
            .bytesArray(alerts.map(\.event)),
            .timestampArray(milliseconds: alerts.map(\.alert.raisedAt)),
            .timestampArray(milliseconds: alerts.map(\.alert.saidAt)),
            .textArray(alerts.map(\.joins)),
            .textArray(alerts.map { $0.isUndeliverable ? "undeliverable" : $0.joins == nil ? "accepted" : "merged" }),
            .textArray(alerts.map(\.alert.message.sender.kind.rawValue)),
            .int16Array(alerts.map { $0.isRaised ? Int16($0.alert.rule.severity.rawValue) : nil }),
        ]
    }

    private static let insertDeliveries = """
        INSERT INTO alerting.deliveries
            (alert_id, corp_id, channel, target_id, lane, severity, state, next_attempt_at)
        SELECT alert_id, corp_id, channel, target_id, lane, severity, 'pending', coalesce(held_until, now())
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::smallint[], $7::timestamptz[])
            WITH ORDINALITY AS planned (alert_id, corp_id, channel, target_id, lane, severity, held_until, place)
        ORDER BY place
        ON CONFLICT DO NOTHING
        """

    private static func deliveryColumns(_ alerts: [StoredAlert], _ laneCount: Int32) -> [PostgresValue] {
        let rows = alerts.flatMap { stored in stored.ownDeliveries.map { (stored.told, $0) } }
        return [
            .textArray(rows.map(\.0.alertID)),
            .textArray(rows.map(\.1.target.corpID)),
            .textArray(rows.map(\.1.target.channel.rawValue)),
            .textArray(rows.map(\.1.target.id)),
            .int32Array(rows.map { $0.1.target.lane(of: laneCount) }),
            .int16Array(rows.map { Int16($0.0.rule.severity.rawValue) }),
            .timestampArray(milliseconds: rows.map(\.1.heldUntil)),
        ]
    }
}
