import Postgres

/// The table `monitor.recalls`, and the alerts that recalls are about.
enum RecallStore {
    /// Which of the messages are known to have been withdrawn.
    static func selection(_ keys: Set<RecallKey>) -> Statement {
        (
            """
            SELECT corp_id, target_base
            FROM monitor.recalls JOIN unnest($1::text[], $2::text[]) AS asked (corp_id, target_base)
                USING (corp_id, target_base)
            """, columns(keys.sorted())
        )
    }

    static func keys(_ rows: PostgresRows) throws -> Set<RecallKey> {
        Set(
            try rows.map { row in
                let (corpID, base) = try row.decode(String.self, String.self)
                return RecallKey(corpID: corpID, messageID: base)
            })
    }

    static func insertion(_ keys: Set<RecallKey>) -> Statement {
        (
            """
            INSERT INTO monitor.recalls (corp_id, target_base, stored_at)
            SELECT corp_id, target_base, now() FROM unnest($1::text[], $2::text[]) AS new (corp_id, target_base)
            ON CONFLICT (corp_id, target_base) DO NOTHING
            """, columns(keys.sorted())
        )
    }

    /// The alerts raised by the messages, which are known by their ids with or without `_external`.
    static func alerts(_ keys: Set<RecallKey>) -> Statement {
        let sorted = keys.sorted()
        return (
            """
            SELECT corp_id, msgid, alert_id
            FROM monitor.hits JOIN unnest($1::text[], $2::text[]) AS asked (corp_id, msgid) USING (corp_id, msgid)
            WHERE alert_id IS NOT NULL
            ORDER BY corp_id, msgid, rule_id
            """,
            [
                .textArray(sorted.flatMap { [$0.corpID, $0.corpID] }),
                .textArray(sorted.flatMap { [$0.base, $0.base + "_external"] }),
            ]
        )
    }

    static func raised(_ rows: PostgresRows) throws -> [RecallKey: [ContextTracker.Raised]] {
        var raised: [RecallKey: [ContextTracker.Raised]] = [:]
        for row in rows {
            let (corpID, messageID, alertID) = try row.decode(String.self, String.self, String.self)
            raised[RecallKey(corpID: corpID, messageID: messageID), default: []].append(
                ContextTracker.Raised(alertID: alertID, messageID: messageID))
        }
        return raised
    }

    private static func columns(_ keys: [RecallKey]) -> [PostgresValue] {
        [.textArray(keys.map(\.corpID)), .textArray(keys.map(\.base))]
    }
}
