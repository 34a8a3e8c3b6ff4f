import Campaigns
import Postgres

/// Touches on their way from their time to a task. Every method that takes a transaction is part of one of the lane's; the
/// moments that decide are the database's, so that all copies of the worker share one clock.
enum TouchStore {
    /// Whether something is due in the lane, and the moment of the look. Reads outside the lane; only a hint.
    static func dueNow(lane: Int32, pool: PostgresPool) async throws -> Int64? {
        let rows = try await pool.execute(
            """
            SELECT now() FROM campaigns.touches WHERE lane = $1 AND state = 'planned' AND next_at <= now() LIMIT 1
            """, [.int32(lane)])
        return try rows.first?.decode(PostgresTimestamp.self, at: 0).milliseconds
    }

    /// The database's clock, milliseconds UTC.
    static func now(in transaction: PostgresTransaction) async throws -> Int64 {
        let rows = try await transaction.execute("SELECT clock_timestamp()")
        guard let row = rows.first else { throw PostgresError.misuse("SELECT without FROM gave no row") }
        return try row.decode(PostgresTimestamp.self, at: 0).milliseconds
    }

    /// Planned touches whose time had come at `moment`. Of one customer those of the more important plan come first.
    static func due(
        lane: Int32, at moment: Int64, limit: Int, in transaction: PostgresTransaction
    ) async throws -> [TouchRow] {
        try await transaction.execute(
            """
            SELECT \(TouchRow.columns) FROM campaigns.touches AS t
            WHERE lane = $1 AND state = 'planned' AND next_at <= $2
            ORDER BY priority DESC, due_at, touch_id LIMIT $3 FOR UPDATE
            """, [.int32(lane), .timestamp(milliseconds: moment), .int64(Int64(limit))]
        ).map(TouchRow.init)
    }

    /// What the guards made of a planned touch.
    struct Judged: Sendable {
        var touch: TouchRow
        var verdict: GuardRails.Verdict
        var contentHash: String?
        var sendLane: Int32?
    }

    static func save(_ judged: [Judged], now: Int64, in transaction: PostgresTransaction) async throws {
        guard !judged.isEmpty else { return }
        let state: (Judged) -> String = { one in
            switch one.verdict {
            case .allow: TouchState.ready.rawValue
            case .wait: TouchState.planned.rawValue
            case .refuse: TouchState.refused.rawValue
            }
        }
        let until: (Judged) -> Int64? = { if case .wait(let moment, _) = $0.verdict { moment } else { nil } }
        let employee: (Judged) -> String? = {
            if case .allow(let employee) = $0.verdict { employee } else { $0.touch.employeeID }
        }
        try await transaction.execute(
            """
            UPDATE campaigns.touches AS t SET state = made.state, reason = made.reason,
                next_at = coalesce(made.until, t.next_at), employee_id = made.employee_id,
                send_lane = made.send_lane, content_hash = coalesce(made.content_hash, t.content_hash),
                plan_version = made.plan_version,
                approved_at = CASE made.state WHEN 'ready' THEN $1::timestamptz END,
                finished_at = CASE made.state WHEN 'refused' THEN $1::timestamptz END
            FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::integer[], $8::text[],
                $9::text[]) AS made (touch_id, state, reason, until, employee_id, send_lane, content_hash, plan_version)
            WHERE t.touch_id = made.touch_id AND t.state = 'planned'
            """,
            [
                .timestamp(milliseconds: now), .textArray(judged.map(\.touch.touchID)), .textArray(judged.map(state)),
                .textArray(judged.map { $0.verdict.reason?.rawValue }),
                .timestampArray(milliseconds: judged.map(until)), .textArray(judged.map(employee)),
                .int32Array(judged.map(\.sendLane)), .textArray(judged.map(\.contentHash)),
                .textArray(judged.map(\.touch.planVersion)),
            ])
        let told = judged.filter(\.isNews)
        try await note(
            told.map {
                Note(
                    touchID: $0.touch.touchID, state: until($0) == nil ? "refused" : "deferred",
                    reason: $0.verdict.reason?.rawValue, until: until($0))
            }, now: now, in: transaction)
    }

    /// A row of the touch's history.
    struct Note: Sendable {
        var touchID: String
        var state: String
        var reason: String?
        var until: Int64?
    }

    static func note(_ notes: [Note], now: Int64, in transaction: PostgresTransaction) async throws {
        guard !notes.isEmpty else { return }
        try await transaction.execute(
            """
            INSERT INTO campaigns.decisions (touch_id, decided_at, state, reason, until)
            SELECT touch_id, $1, state, reason, until
            FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[]) AS made (touch_id, state, reason, until)
            """,
            [
                .timestamp(milliseconds: now), .textArray(notes.map(\.touchID)), .textArray(notes.map(\.state)),
                .textArray(notes.map(\.reason)), .timestampArray(milliseconds: notes.map(\.until)),
            ])
    }
}

extension GuardRails.Verdict {
    var reason: GuardRails.Reason? {
        switch self {
        case .allow: nil
        case .wait(_, let reason), .refuse(let reason): reason
        }
    }
}

extension TouchStore.Judged {
    /// Refused, or put off for another reason than it waits for already.
    var isNews: Bool {
        switch verdict {
        case .allow: false
        case .wait(_, let reason): reason.rawValue != touch.reason
        case .refuse: true
        }
    }
}
