import Campaigns
import Postgres

/// Customers on their way through plans. Part of a lane's transaction.
enum PassageStore {
    /// Starts and ends passages in the order given.
    /// - Returns: touches that will not be sent because their passage has ended.
    static func follow(
        _ turns: [DispatchDecision.Turn], lane: Int32, now: Int64, in transaction: PostgresTransaction
    ) async throws -> [TouchRow] {
        guard !turns.isEmpty else { return [] }
        let results = try await transaction.pipeline(
            turns.map { turn in
                switch turn {
                case .start(let start): (Self.start, values(start, lane: lane))
                case .end(let customer, let plans, let moment):
                    (
                        Self.end,
                        [
                            .text(customer.corpID), .text(customer.customerID), .textArray(plans),
                            .timestamp(milliseconds: moment), .timestamp(milliseconds: now),
                        ]
                    )
                }
            })
        return try zip(turns, results).flatMap { turn, rows in
            if case .end = turn { try rows.map(TouchRow.init) } else { [TouchRow]() }
        }
    }

    /// Ends passages whose touches have all come to their end.
    static func finish(_ touchIDs: [String], now: Int64, in transaction: PostgresTransaction) async throws {
        guard !touchIDs.isEmpty else { return }
        try await transaction.execute(
            """
            UPDATE campaigns.passages AS p SET state = 'finished', ended_at = $2
            FROM (SELECT DISTINCT corp_id, plan_id, customer_id, occurrence FROM campaigns.touches
                  WHERE touch_id = ANY ($1)) AS t
            WHERE p.corp_id = t.corp_id AND p.plan_id = t.plan_id AND p.customer_id = t.customer_id
                AND p.occurrence = t.occurrence AND p.state = 'running' AND NOT EXISTS (
                    SELECT FROM campaigns.touches AS o
                    WHERE o.corp_id = p.corp_id AND o.plan_id = p.plan_id AND o.customer_id = p.customer_id
                        AND o.occurrence = p.occurrence AND o.state IN ('planned', 'ready', 'claimed'))
            """, [.textArray(touchIDs), .timestamp(milliseconds: now)])
    }

    /// A passage that runs, or that began on the same day, or that is over before it begins, starts nothing.
    private static let start = """
        WITH started AS (
            INSERT INTO campaigns.passages (corp_id, plan_id, customer_id, occurrence, anchor_at, plan_version, state)
            SELECT $1, $2, $3, $4, $5, $6, 'running'
            WHERE NOT EXISTS (SELECT FROM campaigns.signals
                WHERE corp_id = $1 AND customer_id = $3 AND signal = ANY ($9) AND last_at >= $5)
            ON CONFLICT DO NOTHING RETURNING corp_id
        )
        INSERT INTO campaigns.touches (touch_id, corp_id, plan_id, step_id, customer_id, occurrence, lane, priority,
            anchor_at, due_at, next_at, valid_until, state, plan_version)
        SELECT step.touch_id, $1, $2, step.step_id, $3, $4, $7, $8, $5, step.due_at, step.due_at, step.valid_until,
            'planned', $6
        FROM started, unnest($10::text[], $11::text[], $12::timestamptz[], $13::timestamptz[])
            AS step (touch_id, step_id, due_at, valid_until)
        """

    private static func values(_ start: DispatchDecision.Start, lane: Int32) -> [PostgresValue] {
        let ids = start.entries.map { entry in
            TouchID.text(
                corpID: start.customer.corpID, planID: start.planID, stepID: entry.stepID,
                occurrence: start.occurrence, customerID: start.customer.customerID)
        }
        return [
            .text(start.customer.corpID), .text(start.planID), .text(start.customer.customerID),
            .text(start.occurrence), .timestamp(milliseconds: start.anchor), .text(start.planVersion), .int32(lane),
            .int32(Int32(clamping: start.priority)), .textArray(start.ends), .textArray(ids),
            .textArray(start.entries.map(\.stepID)), .timestampArray(milliseconds: start.entries.map(\.dueAt)),
            .timestampArray(milliseconds: start.entries.map(\.validUntil)),
        ]
    }

    /// A touch that its employee's lane has claimed already goes its way.
    private static let end = """
        WITH ended AS (
            UPDATE campaigns.passages SET state = 'ended_early', ended_at = $5
            WHERE corp_id = $1 AND customer_id = $2 AND plan_id = ANY ($3) AND state = 'running' AND anchor_at <= $4
            RETURNING corp_id, plan_id, customer_id, occurrence
        ), refused AS (
            UPDATE campaigns.touches AS t SET state = 'refused', reason = 'plan_ended', finished_at = $5
            FROM ended AS e
            WHERE t.corp_id = e.corp_id AND t.plan_id = e.plan_id AND t.customer_id = e.customer_id
                AND t.occurrence = e.occurrence AND t.state IN ('planned', 'ready')
            RETURNING \(TouchRow.columns)
        ), noted AS (
            INSERT INTO campaigns.decisions (touch_id, decided_at, state, reason)
            SELECT touch_id, $5, 'refused', 'plan_ended' FROM refused
        )
        SELECT * FROM refused ORDER BY touch_id
        """
}
