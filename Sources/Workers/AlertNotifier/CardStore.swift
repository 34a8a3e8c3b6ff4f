import Alerting
package import Postgres

/// Cards with buttons that people have. A card can be changed once with the code that came with it, and once more with
/// each click.
package enum CardStore {
    /// After so many tries a card stays as it is.
    private static let maximumAttempts = 8

    struct Sent: Sendable {
        var taskID: String
        var alertID: String
        var responseCode: String
    }

    /// A change to be made.
    struct Change: Sendable {
        var taskID: String
        var responseCode: String
        var text: String
    }

    /// Keeps the cards of a call. Harmless to repeat.
    static func insert(
        _ cards: [Sent], of target: DeliveryTarget, lane: Int32, in transaction: PostgresTransaction
    ) async throws {
        guard !cards.isEmpty else { return }
        try await transaction.execute(
            """
            INSERT INTO alerting.cards (task_id, alert_id, corp_id, target_id, lane, response_code)
            SELECT task_id, alert_id, $4, $5, $6, response_code
            FROM unnest($1::text[], $2::text[], $3::text[]) AS sent (task_id, alert_id, response_code)
            ON CONFLICT (task_id) DO NOTHING
            """,
            [
                .textArray(cards.map(\.taskID)), .textArray(cards.map(\.alertID)),
                .textArray(cards.map(\.responseCode)), .text(target.corpID), .text(target.id), .int32(lane),
            ])
    }

    /// Says on every card of an alert what became of it, in place of the buttons. Part of the transaction that decides
    /// on an action; say it again for an action that came too late, for its card may have been on the way.
    ///
    /// - Parameter texts: by alert id, as 「何军已认领」; people read about ten characters.
    package static func show(_ texts: [String: String], in transaction: PostgresTransaction) async throws {
        guard !texts.isEmpty else { return }
        // Locked in one order by everybody.
        try await transaction.execute(
            """
            UPDATE alerting.cards AS card SET wanted = due.text, attempts = 0,
                change_at = CASE WHEN card.response_code IS NOT NULL THEN clock_timestamp() END
            FROM (
                SELECT c.task_id, new.text FROM unnest($1::text[], $2::text[]) AS new (alert_id, text)
                    JOIN alerting.cards AS c USING (alert_id)
                WHERE c.wanted IS DISTINCT FROM new.text OR c.shown IS DISTINCT FROM new.text
                ORDER BY c.alert_id, c.task_id FOR UPDATE OF c
            ) AS due
            WHERE card.task_id = due.task_id
            """, [.textArray(Array(texts.keys)), .textArray(Array(texts.values))])
    }

    /// A click brought a new code. What the card should say by now is said.
    static func renew(taskID: String, responseCode: String, on pool: PostgresPool) async throws {
        try await pool.execute(
            """
            UPDATE alerting.cards SET response_code = $2, attempts = 0,
                change_at = CASE WHEN wanted IS NOT NULL THEN clock_timestamp() END
            WHERE task_id = $1
            """, [.text(taskID), .text(responseCode)])
    }

    /// Takes the changes that are due; each comes again later unless it is ended.
    static func claim(
        of target: DeliveryTarget, in transaction: PostgresTransaction
    ) async throws -> [Change] {
        let rows = try await transaction.execute(
            """
            UPDATE alerting.cards SET attempts = attempts + 1,
                change_at = CASE WHEN attempts < $3 THEN clock_timestamp() + 30 * (attempts + 1) * interval '1 second'
                    END
            WHERE task_id IN (
                SELECT task_id FROM alerting.cards WHERE corp_id = $1 AND target_id = $2
                    AND change_at <= clock_timestamp() ORDER BY alert_id, task_id LIMIT 20 FOR UPDATE SKIP LOCKED
            ) AND response_code IS NOT NULL AND wanted IS NOT NULL
            RETURNING task_id, response_code, wanted
            """, [.text(target.corpID), .text(target.id), .int32(Int32(maximumAttempts))])
        return try rows.map { row in
            let (taskID, code, text) = try row.decode(String.self, String.self, String.self)
            return Change(taskID: taskID, responseCode: code, text: text)
        }
    }

    /// The code is used up. What was wanted meanwhile waits for a new one.
    static func end(_ change: Change, isShown: Bool, in transaction: PostgresTransaction) async throws {
        try await transaction.execute(
            """
            UPDATE alerting.cards SET shown = CASE WHEN $3 THEN $4 ELSE shown END,
                response_code = CASE WHEN response_code = $2 THEN NULL ELSE response_code END,
                change_at = CASE WHEN response_code = $2 OR $3 AND wanted = $4 THEN NULL ELSE clock_timestamp() END
            WHERE task_id = $1
            """, [.text(change.taskID), .text(change.responseCode), .bool(isShown), .text(change.text)])
    }
}
