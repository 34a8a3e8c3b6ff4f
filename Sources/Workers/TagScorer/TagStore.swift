import Contracts
import Postgres
import TagScoring

/// The tables `tagging.tags` and `tagging.changes`.
enum TagStore {
    static func selection(_ keys: [CustomerKey]) -> Statement {
        (
            """
            SELECT corp_id, customer_id, tag, name, held, revision
            FROM tagging.tags JOIN unnest($1::text[], $2::text[]) AS asked (corp_id, customer_id)
                USING (corp_id, customer_id)
            """, [.textArray(keys.map(\.corpID)), .textArray(keys.map(\.customerID))]
        )
    }

    static func states(_ rows: PostgresRows) throws -> [CustomerKey: [String: TagState]] {
        var states: [CustomerKey: [String: TagState]] = [:]
        for row in rows {
            let (corpID, customerID, tag, name, held, revision) = try row.decode(
                String.self, String.self, String.self, String.self, Bool.self, Int64.self)
            states[CustomerKey(corpID: corpID, customerID: customerID), default: [:]][tag] = TagState(
                name: name, held: held, revision: revision)
        }
        return states
    }

    /// Nothing for no changes.
    static func writes(_ changes: [TagChange], now: Int64) -> [Statement] {
        guard !changes.isEmpty else { return [] }
        let columns: [PostgresValue] = [
            .textArray(changes.map(\.corpID)), .textArray(changes.map(\.customerID)), .textArray(changes.map(\.tag)),
            .int64Array(changes.map(\.revision)), .textArray(changes.map(\.name)),
            .textArray(changes.map(\.change.rawValue)), .timestampArray(milliseconds: changes.map(\.at)),
            .textArray(changes.map(\.reason)), .textArray(changes.map(\.ruleVersion)),
        ]
        let rows = """
            unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::timestamptz[],
                $8::text[], $9::text[])
                AS c (corp_id, customer_id, tag, revision, name, change, changed_at, reason, rule_version)
            """
        return [
            (
                """
                INSERT INTO tagging.tags AS t
                    (corp_id, customer_id, tag, name, held, revision, changed_at, reason, rule_version)
                SELECT corp_id, customer_id, tag, name, change = 'added', revision, changed_at, reason, rule_version
                FROM \(rows)
                ON CONFLICT (corp_id, customer_id, tag) DO UPDATE SET name = EXCLUDED.name, held = EXCLUDED.held,
                    revision = EXCLUDED.revision, changed_at = EXCLUDED.changed_at, reason = EXCLUDED.reason,
                    rule_version = EXCLUDED.rule_version
                """, columns
            ),
            (
                """
                INSERT INTO tagging.changes
                    (corp_id, customer_id, tag, revision, name, change, changed_at, decided_at, reason, rule_version)
                SELECT corp_id, customer_id, tag, revision, name, change, changed_at, $10, reason, rule_version
                FROM \(rows)
                """, columns + [.timestamp(milliseconds: now)]
            ),
        ]
    }
}
