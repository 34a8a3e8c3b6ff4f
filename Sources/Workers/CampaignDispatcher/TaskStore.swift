import Campaigns
import Postgres
import WeCom

/// Mass-send tasks of a lane. Every method that takes a transaction is part of one of the lane's.
enum TaskStore {
    /// Customers of one task. More would make an answer that is not read whole.
    static let maximumCustomers = 1_000
    /// What the guards allowed longer ago is judged again: the night may have begun since.
    private static let approvalSeconds: Int64 = 60

    /// Employees for whom something can be done now: touches to send, or a task to ask about. Reads outside the lane;
    /// only a hint.
    static func dueSenders(lane: Int32, pool: PostgresPool) async throws -> [Sender] {
        let rows = try await pool.execute(
            """
            SELECT corp_id, employee_id FROM campaigns.touches WHERE send_lane = $1 AND state = 'ready'
            UNION SELECT corp_id, employee_id FROM campaigns.tasks WHERE lane = $1 AND ask_at <= now()
            """, [.int32(lane)])
        return try rows.map { row in
            let (corpID, employeeID) = try row.decode(String.self, String.self)
            return Sender(corpID: corpID, employeeID: employeeID)
        }
    }

    /// Sends what was allowed too long ago back to the guards.
    static func returnStale(_ sender: Sender, lane: Int32, in transaction: PostgresTransaction) async throws {
        try await transaction.execute(
            """
            UPDATE campaigns.touches SET state = 'planned', next_at = clock_timestamp(), approved_at = NULL, send_lane = NULL
            WHERE send_lane = $1 AND corp_id = $2 AND employee_id = $3 AND state = 'ready'
                AND approved_at < clock_timestamp() - $4 * interval '1 second'
            """, [.int32(lane), .text(sender.corpID), .text(sender.employeeID), .int64(approvalSeconds)])
    }

    /// The most urgent step that waits for this employee, with every customer it is for.
    static func ready(
        _ sender: Sender, lane: Int32, in transaction: PostgresTransaction
    ) async throws -> (touches: [TouchRow], contentHash: String)? {
        let rows = try await transaction.execute(
            """
            WITH first AS (
                SELECT plan_id, step_id, content_hash FROM campaigns.touches
                WHERE send_lane = $1 AND corp_id = $2 AND employee_id = $3 AND state = 'ready'
                ORDER BY priority DESC, due_at, touch_id LIMIT 1
            )
            SELECT \(TouchRow.columns), t.content_hash
            FROM campaigns.touches AS t JOIN first USING (plan_id, step_id, content_hash)
            WHERE t.send_lane = $1 AND t.corp_id = $2 AND t.employee_id = $3 AND t.state = 'ready'
            ORDER BY t.touch_id LIMIT $4 FOR UPDATE OF t
            """,
            [
                .int32(lane), .text(sender.corpID), .text(sender.employeeID), .int64(Int64(maximumCustomers)),
            ])
        guard let row = rows.first else { return nil }
        return (try rows.map(TouchRow.init), try row.decode(String.self, at: 11))
    }

    /// Gives touches back to the guards without a call.
    static func giveBack(
        _ touches: [TouchRow], reason: String?, pause: Duration, in transaction: PostgresTransaction
    ) async throws {
        try await transaction.execute(
            """
            UPDATE campaigns.touches SET state = 'planned', reason = $2, send_lane = NULL, approved_at = NULL,
                task_key = NULL, next_at = clock_timestamp() + $3 * interval '1 second'
            WHERE touch_id = ANY ($1) AND state IN ('ready', 'claimed')
            """,
            [
                .textArray(touches.map(\.touchID)), PostgresValue(text: reason), .double(pause / .seconds(1)),
            ])
    }

    /// Takes the task's touches for one call.
    static func claim(_ task: MassSendTask, lane: Int32, in transaction: PostgresTransaction) async throws {
        try await transaction.pipeline([
            (
                """
                INSERT INTO campaigns.tasks (task_key, corp_id, employee_id, lane, plan_id, step_id, text, content_hash,
                    state, claimed_at, expires_at, ask_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'claimed', $9, $10, $10)
                """,
                [
                    .text(task.key), .text(task.sender.corpID), .text(task.sender.employeeID), .int32(lane),
                    .text(task.planID), .text(task.stepID), .text(task.text), .text(task.contentHash),
                    .timestamp(milliseconds: task.claimedAt), .timestamp(milliseconds: task.expiresAt),
                ]
            ),
            (
                "UPDATE campaigns.touches SET state = 'claimed', task_key = $2 WHERE touch_id = ANY ($1) AND state = 'ready'",
                [.textArray(task.touches.map(\.touchID)), .text(task.key)]
            ),
        ])
    }

    /// An attempt as it is stored; `nil` when there is none that is open.
    static func open(_ key: String, in transaction: PostgresTransaction) async throws -> MassSendTask? {
        try await tasks("k.task_key = $1", [.text(key)], in: transaction).first
    }

    /// The attempt or task to ask the platform about, if its time has come.
    static func toAsk(_ sender: Sender, lane: Int32, in transaction: PostgresTransaction) async throws -> MassSendTask?
    {
        try await tasks(
            """
            k.task_key = (SELECT task_key FROM campaigns.tasks WHERE lane = $1 AND corp_id = $2 AND employee_id = $3
                AND ask_at <= clock_timestamp() ORDER BY ask_at LIMIT 1)
            """, [.int32(lane), .text(sender.corpID), .text(sender.employeeID)], in: transaction
        ).first
    }

    private static func tasks(
        _ condition: String, _ binds: [PostgresValue], in transaction: PostgresTransaction
    ) async throws -> [MassSendTask] {
        let rows = try await transaction.execute(
            """
            SELECT \(TouchRow.columns), k.task_key, k.text, k.content_hash, k.state, k.claimed_at, k.expires_at, k.msgid,
                k.asks, k.employee_id
            FROM campaigns.tasks AS k JOIN campaigns.touches AS t USING (task_key)
            WHERE \(condition) AND k.state IN ('claimed', 'asking', 'created') ORDER BY t.touch_id
            """, binds)
        var found: [String: MassSendTask] = [:]
        for row in rows {
            let touch = try TouchRow(row)
            let key = try row.decode(String.self, at: 11)
            guard let state = MassSendTask.State(rawValue: try row.decode(String.self, at: 14)) else { continue }
            let task = MassSendTask(
                key: key, sender: Sender(corpID: touch.corpID, employeeID: try row.decode(String.self, at: 19)),
                planID: touch.planID, stepID: touch.stepID, text: try row.decode(String.self, at: 12),
                contentHash: try row.decode(String.self, at: 13), state: state,
                claimedAt: try row.decode(PostgresTimestamp.self, at: 15).milliseconds,
                expiresAt: try row.decode(PostgresTimestamp.self, at: 16).milliseconds,
                msgid: try row.decode(String?.self, at: 17), asks: Int(try row.decode(Int32.self, at: 18)), touches: [])
            found[key, default: task].touches.append(touch)
        }
        return found.values.sorted { $0.key < $1.key }
    }

    /// Which of these are tasks of ours already.
    static func known(
        _ msgids: [String], corpID: String, pool: PostgresPool
    ) async throws -> Set<String> {
        let rows = try await pool.execute(
            "SELECT msgid FROM campaigns.tasks WHERE corp_id = $1 AND msgid = ANY ($2)",
            [.text(corpID), .textArray(msgids)])
        return Set(try rows.map { try $0.decode(String.self, at: 0) })
    }

    /// What the touches of a task become.
    struct Ending: Sendable {
        var touch: TouchRow
        var state: TouchState
        var reason: String?
    }

    /// Ends touches that the task still holds in this state; a repetition changes nothing.
    static func end(
        _ endings: [Ending], of task: MassSendTask, from state: TouchState, msgid: String?, now: Int64,
        in transaction: PostgresTransaction
    ) async throws {
        guard !endings.isEmpty else { return }
        try await transaction.execute(
            """
            UPDATE campaigns.touches AS t SET state = made.state, reason = made.reason, msgid = coalesce($6, t.msgid),
                finished_at = CASE WHEN made.state IN ('reached', 'failed', 'unsure') THEN $7::timestamptz END
            FROM unnest($1::text[], $2::text[], $3::text[]) AS made (touch_id, state, reason)
            WHERE t.touch_id = made.touch_id AND t.task_key = $4 AND t.state = $5
            """,
            [
                .textArray(endings.map(\.touch.touchID)), .textArray(endings.map(\.state.rawValue)),
                .textArray(endings.map(\.reason)), .text(task.key), .text(state.rawValue), PostgresValue(text: msgid),
                .timestamp(milliseconds: now),
            ])
        try await TouchStore.note(
            endings.map { .init(touchID: $0.touch.touchID, state: $0.state.rawValue, reason: $0.reason) }, now: now,
            in: transaction)
        try await PassageStore.finish(endings.map(\.touch.touchID), now: now, in: transaction)
    }

    /// - Parameters:
    ///   - state: one of the table's states.
    ///   - pause: until the platform is asked next; `nil`: it is not.
    static func update(
        _ task: MassSendTask, state: String, msgid: String? = nil, pause: Duration?, detail: String? = nil,
        errcode: Int? = nil, in transaction: PostgresTransaction
    ) async throws {
        try await transaction.execute(
            """
            UPDATE campaigns.tasks SET state = $2, msgid = coalesce($3, msgid), asks = asks + 1,
                ask_at = clock_timestamp() + $4 * interval '1 second', detail = $5, errcode = $6,
                finished_at = CASE WHEN $4::float8 IS NULL THEN clock_timestamp() END
            WHERE task_key = $1 AND state IN ('claimed', 'asking', 'created')
            """,
            [
                .text(task.key), .text(state), PostgresValue(text: msgid),
                PostgresValue(double: pause.map { $0 / .seconds(1) }), PostgresValue(text: detail),
                PostgresValue(int32: errcode.map { Int32(clamping: $0) }),
            ])
    }
}
