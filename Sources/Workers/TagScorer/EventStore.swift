import Contracts
package import Postgres
package import TagScoring

/// The tables `tagging.events` and `tagging.conflicts`.
package enum EventStore {
    /// Inserts what is not there yet and returns the customer of each new row.
    ///
    /// - Parameter events: sorted by identity; of those with the same the first one is kept.
    static func insertion(_ events: [ReceivedEvent], now: Int64) -> Statement {
        let all = events.map(\.event)
        return (
            """
            INSERT INTO tagging.events (
                corp_id, source, type, event_id, customer_id, occurred_at, received_at, content_hash, side, order_id,
                amount, sku, alert_id, rule_id)
            SELECT corp_id, source, type, event_id, customer_id, occurred_at, $14, content_hash, side, order_id,
                amount, sku, alert_id, rule_id
            FROM unnest(
                $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::bigint[],
                $8::text[], $9::text[], $10::bigint[], $11::text[], $12::text[], $13::text[])
                WITH ORDINALITY AS new (
                    corp_id, source, type, event_id, customer_id, occurred_at, content_hash, side, order_id, amount,
                    sku, alert_id, rule_id, place)
            ORDER BY place
            ON CONFLICT (corp_id, source, type, event_id) DO NOTHING
            RETURNING corp_id, customer_id
            """,
            [
                .textArray(all.map(\.corpID)), .textArray(all.map(\.source)), .textArray(all.map(\.type)),
                .textArray(all.map(\.eventID)), .textArray(all.map(\.customerID)),
                .timestampArray(milliseconds: all.map(\.occurredAt)), .int64Array(all.map(\.contentHash)),
                .textArray(all.map(\.side?.rawValue)), .textArray(all.map(\.orderID)), .int64Array(all.map(\.amount)),
                .textArray(all.map(\.sku)), .textArray(all.map(\.alertID)), .textArray(all.map(\.ruleID)),
                .timestamp(milliseconds: now),
            ]
        )
    }

    /// Keeps those whose identity has other content in the table. Runs after ``insertion(_:now:)``.
    static func conflicts(_ events: [ReceivedEvent], now: Int64) -> Statement {
        let all = events.map(\.event)
        return (
            """
            INSERT INTO tagging.conflicts AS c (
                corp_id, source, type, event_id, content_hash, event, first_seen_at, last_seen_at, times)
            SELECT new.corp_id, new.source, new.type, new.event_id, new.content_hash,
                (array_agg(new.event ORDER BY place))[1], $7, $7, count(*)
            FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bytea[])
                WITH ORDINALITY AS new (corp_id, source, type, event_id, content_hash, event, place)
            JOIN tagging.events AS stored USING (corp_id, source, type, event_id)
            WHERE stored.content_hash <> new.content_hash
            GROUP BY new.corp_id, new.source, new.type, new.event_id, new.content_hash
            ORDER BY new.corp_id, new.source, new.type, new.event_id, new.content_hash
            ON CONFLICT (corp_id, source, type, event_id, content_hash)
                DO UPDATE SET times = c.times + EXCLUDED.times, last_seen_at = EXCLUDED.last_seen_at
            """,
            [
                .textArray(all.map(\.corpID)), .textArray(all.map(\.source)), .textArray(all.map(\.type)),
                .textArray(all.map(\.eventID)), .int64Array(all.map(\.contentHash)),
                .bytesArray(events.map(\.value)), .timestamp(milliseconds: now),
            ]
        )
    }

    /// What the rules ask of some customers: everything inside the windows and everything to come, of silences the last,
    /// of alerts all, and what came before of the orders in the windows: a refund counts where its order was first paid.
    static func selection(_ keys: [CustomerKey], rules: [String: TagRuleSet], now: Int64) -> Statement {
        let sets = rules.values
        func types(_ part: (TagRuleSet) -> Set<String>) -> PostgresValue {
            .textArray(sets.reduce(into: Set<String>()) { $0.formUnion(part($1)) }.sorted())
        }
        return (
            """
            WITH asked AS (
                SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS a (corp_id, customer_id, since))
            SELECT e.corp_id, e.customer_id, type, source, event_id, occurred_at, side, order_id, amount, sku, alert_id,
                rule_id
            FROM asked CROSS JOIN LATERAL (
                (SELECT * FROM tagging.events AS i
                    WHERE i.corp_id = asked.corp_id AND i.customer_id = asked.customer_id AND i.occurred_at > asked.since
                        AND (i.type = ANY ($4) OR i.type = ANY ($6) OR i.type = ANY ($5) AND i.occurred_at > $7))
                UNION ALL
                (SELECT * FROM tagging.events AS i
                    WHERE i.corp_id = asked.corp_id AND i.customer_id = asked.customer_id AND i.occurred_at <= asked.since
                        AND i.type = ANY ($6))
                UNION ALL
                (SELECT i.* FROM tagging.events AS i
                    WHERE i.corp_id = asked.corp_id AND i.customer_id = asked.customer_id AND i.occurred_at <= asked.since
                        AND i.type = ANY ($4) AND i.order_id IN (
                            SELECT o.order_id FROM tagging.events AS o
                            WHERE o.corp_id = asked.corp_id AND o.customer_id = asked.customer_id
                                AND o.occurred_at > asked.since AND o.order_id IS NOT NULL))
                UNION ALL
                (SELECT DISTINCT ON (type, source, side, rule_id) * FROM tagging.events AS i
                    WHERE i.corp_id = asked.corp_id AND i.customer_id = asked.customer_id AND i.occurred_at <= $7
                        AND i.type = ANY ($5)
                    ORDER BY type, source, side, rule_id, occurred_at DESC)
            ) AS e
            """,
            [
                .textArray(keys.map(\.corpID)), .textArray(keys.map(\.customerID)),
                .timestampArray(milliseconds: keys.map { now - (rules[$0.corpID]?.horizon ?? 0) }),
                types(\.windowedTypes), types(\.silenceTypes), types(\.openTypes), .timestamp(milliseconds: now),
            ]
        )
    }

    /// Repetitions in the rows are no matter: a history holds each event once.
    package static func events(_ rows: PostgresRows) throws -> [CustomerKey: [CountedEvent]] {
        var events: [CustomerKey: [CountedEvent]] = [:]
        for row in rows {
            let key = CustomerKey(
                corpID: try row.decode(String.self, at: 0), customerID: try row.decode(String.self, at: 1))
            events[key, default: []].append(
                CountedEvent(
                    type: try row.decode(String.self, at: 2), source: try row.decode(String.self, at: 3),
                    eventID: try row.decode(String.self, at: 4),
                    occurredAt: try row.decode(PostgresTimestamp.self, at: 5).milliseconds,
                    side: try row.decode(String?.self, at: 6).flatMap(Party.Kind.init(rawValue:)),
                    orderID: try row.decode(String?.self, at: 7), amount: try row.decode(Int64?.self, at: 8),
                    sku: try row.decode(String?.self, at: 9), alertID: try row.decode(String?.self, at: 10),
                    ruleID: try row.decode(String?.self, at: 11)))
        }
        return events
    }

    /// Deletes old events, except the last of its kind of each customer, orders that something was heard of since, and
    /// alerts that are open or were closed since.
    /// - Returns: how many.
    package static func sweep(before moment: Int64, limit: Int64, in transaction: PostgresTransaction) async throws
        -> Int
    {
        try await transaction.execute(
            """
            DELETE FROM tagging.events WHERE ctid = ANY (ARRAY(
                SELECT o.ctid FROM tagging.events AS o
                WHERE o.occurred_at < $1 AND NOT EXISTS (
                    SELECT FROM tagging.events AS same
                    WHERE same.corp_id = o.corp_id AND same.customer_id = o.customer_id
                        AND same.order_id = o.order_id AND same.occurred_at >= $1)
                AND CASE WHEN o.alert_id IS NULL
                    THEN EXISTS (
                        SELECT FROM tagging.events AS later
                        WHERE later.corp_id = o.corp_id AND later.customer_id = o.customer_id AND later.type = o.type
                            AND later.source = o.source AND later.side IS NOT DISTINCT FROM o.side
                            AND later.rule_id IS NOT DISTINCT FROM o.rule_id AND later.occurred_at > o.occurred_at
                            AND later.occurred_at <= now())
                    ELSE EXISTS (
                        SELECT FROM tagging.events AS closing
                        WHERE closing.corp_id = o.corp_id AND closing.customer_id = o.customer_id
                            AND closing.alert_id = o.alert_id AND closing.type = $3 AND closing.occurred_at < $1
                            AND NOT EXISTS (
                                SELECT FROM tagging.events AS again
                                WHERE again.corp_id = o.corp_id AND again.customer_id = o.customer_id
                                    AND again.alert_id = o.alert_id AND again.type = ANY ($4)
                                    AND again.occurred_at > closing.occurred_at))
                    END
                -- What closes an alert goes last: without it the alert would be open.
                ORDER BY o.type = $3 LIMIT $2))
            """,
            [
                .timestamp(milliseconds: moment), .int64(limit),
                .text(CustomerEventType.alertResolved.rawValue),
                .textArray([CustomerEventType.alertOpened.rawValue, CustomerEventType.alertReopened.rawValue]),
            ]
        ).affected
    }
}
