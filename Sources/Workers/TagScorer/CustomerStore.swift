import Postgres
import TagScoring

/// The table `tagging.customers`.
enum CustomerStore {
    /// What became of a customer.
    struct Scored {
        var key: CustomerKey
        var ruleVersion: String
        var dueAt: Int64?
    }

    /// Locks the customers' rows, making those that are missing.
    static func lock(_ lanes: [CustomerKey: Int32], now: Int64) -> Statement {
        let sorted = lanes.sorted { $0.key < $1.key }
        return (
            """
            INSERT INTO tagging.customers AS c (corp_id, customer_id, lane, rule_version, scored_at)
            SELECT corp_id, customer_id, lane, '', $4
            FROM unnest($1::text[], $2::text[], $3::integer[]) AS heard (corp_id, customer_id, lane)
            ORDER BY corp_id, customer_id
            ON CONFLICT (corp_id, customer_id) DO UPDATE SET lane = EXCLUDED.lane
            """,
            [
                .textArray(sorted.map(\.key.corpID)), .textArray(sorted.map(\.key.customerID)),
                .int32Array(sorted.map(\.value)), .timestamp(milliseconds: now),
            ]
        )
    }

    static func update(_ scored: [Scored], now: Int64) -> Statement {
        (
            """
            UPDATE tagging.customers AS c
            SET rule_version = s.rule_version, due_at = s.due_at, scored_at = $5
            FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
                AS s (corp_id, customer_id, rule_version, due_at)
            WHERE c.corp_id = s.corp_id AND c.customer_id = s.customer_id
            """,
            [
                .textArray(scored.map(\.key.corpID)), .textArray(scored.map(\.key.customerID)),
                .textArray(scored.map(\.ruleVersion)), .timestampArray(milliseconds: scored.map(\.dueAt)),
                .timestamp(milliseconds: now),
            ]
        )
    }

    static func due(_ lane: Int32, until moment: Int64, limit: Int64) -> Statement {
        (
            """
            SELECT corp_id, customer_id FROM tagging.customers
            WHERE lane = $1 AND due_at <= $2 ORDER BY due_at LIMIT $3
            """, [.int32(lane), .timestamp(milliseconds: moment), .int64(limit)]
        )
    }

    /// Customers last scored under other rules.
    static func outdated(_ lane: Int32, _ corpID: String, _ version: String, limit: Int64) -> Statement {
        (
            """
            (SELECT corp_id, customer_id FROM tagging.customers
                WHERE lane = $1 AND corp_id = $2 AND rule_version < $3 LIMIT $4)
            UNION ALL
            (SELECT corp_id, customer_id FROM tagging.customers
                WHERE lane = $1 AND corp_id = $2 AND rule_version > $3 LIMIT $4)
            """, [.int32(lane), .text(corpID), .text(version), .int64(limit)]
        )
    }

    static func keys(_ rows: PostgresRows) throws -> [CustomerKey] {
        try rows.map { row in
            let (corpID, customerID) = try row.decode(String.self, String.self)
            return CustomerKey(corpID: corpID, customerID: customerID)
        }
    }
}
