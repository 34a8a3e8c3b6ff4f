import Alerting
import Contracts
import Postgres

/// The deliveries of a lane. Every method that takes a transaction is part of one of the lane's; the moments that decide
/// are the database's, so that all copies of the worker share one clock.
enum DeliveryStore {
    /// Targets of a lane with something to do now: a delivery whose time has come, or a claim nobody can be using any
    /// more. Reads outside the lane; only a hint.
    static func dueTargets(lane: Int32, pool: PostgresPool) async throws -> [DeliveryTarget] {
        let rows = try await pool.execute(
            """
            SELECT DISTINCT corp_id, channel, target_id FROM alerting.deliveries
            WHERE lane = $1 AND (state = 'pending' AND next_attempt_at <= now()
                OR state = 'claimed' AND claim_expires_at <= now())
            UNION
            SELECT corp_id, 'app', target_id FROM alerting.cards WHERE lane = $1 AND change_at <= now()
            """, [.int32(lane)])
        return try rows.compactMap { row in
            let (corpID, channel, id) = try row.decode(String.self, String.self, String.self)
            return Channel(rawValue: channel).map { DeliveryTarget(corpID: corpID, channel: $0, id: id) }
        }
    }

    /// The database's clock, milliseconds UTC.
    static func now(in transaction: PostgresTransaction) async throws -> Int64 {
        let rows = try await transaction.execute("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")
        guard let row = rows.first else { throw PostgresError.misuse("SELECT without FROM gave no row") }
        return try row.decode(Int64.self, at: 0)
    }

    /// Ends claims that nobody can be using any more: their calls may have arrived.
    static func expireClaims(of target: DeliveryTarget, in transaction: PostgresTransaction) async throws -> Int {
        let rows = try await transaction.execute(
            """
            WITH left_behind AS (
                SELECT delivery_id, claim_id FROM alerting.deliveries
                WHERE corp_id = $1 AND channel = $2 AND target_id = $3 AND state = 'claimed'
                    AND claim_expires_at <= clock_timestamp()
            ), unsure AS (
                UPDATE alerting.attempts SET outcome = 'unsure', detail = 'owner_vanished',
                    finished_at = clock_timestamp()
                FROM left_behind
                WHERE attempts.delivery_id = left_behind.delivery_id AND attempts.claim_id = left_behind.claim_id
                    AND attempts.outcome IS NULL
            )
            UPDATE alerting.deliveries SET state = 'pending', claim_id = NULL, claim_expires_at = NULL,
                next_attempt_at = clock_timestamp(), may_be_repeated = true
            FROM left_behind WHERE deliveries.delivery_id = left_behind.delivery_id
            """, values(target))
        return rows.affected
    }

    /// Start of each call to the target in the last two minutes, and until when it asked to be left alone.
    static func recentCalls(
        to target: DeliveryTarget, in transaction: PostgresTransaction
    ) async throws -> (starts: [Int64], pausedUntil: Int64?) {
        let rows = try await transaction.execute(
            """
            SELECT (extract(epoch FROM min(started_at)) * 1000)::bigint,
                   (extract(epoch FROM max(pause_until)) * 1000)::bigint
            FROM alerting.attempts
            WHERE corp_id = $1 AND channel = $2 AND target_id = $3
                AND started_at > clock_timestamp() - interval '2 minutes' AND outcome IS DISTINCT FROM 'not_sent'
            GROUP BY call_id ORDER BY 1
            """, values(target))
        let calls = try rows.map { try $0.decode(Int64.self, Int64?.self) }
        return (calls.map(\.0), calls.compactMap(\.1).max())
    }

    /// Deliveries of the target whose time has come, most urgent first, and how many wait in all.
    static func due(
        _ target: DeliveryTarget, limit: Int, in transaction: PostgresTransaction
    ) async throws -> (deliveries: [OpenDelivery], waiting: Int) {
        let rows = try await transaction.execute(
            """
            SELECT d.delivery_id, d.attempts, d.may_be_repeated, d.shortened, a.event, \(joined), d.waiting,
                \(told)
            FROM (
                SELECT *, count(*) OVER () AS waiting FROM alerting.deliveries
                WHERE corp_id = $1 AND channel = $2 AND target_id = $3 AND state = 'pending'
                    AND next_attempt_at <= clock_timestamp()
                ORDER BY severity DESC, delivery_id LIMIT $4
            ) AS d JOIN alerting.alerts AS a USING (alert_id) \(escalation)
            ORDER BY d.severity DESC, d.delivery_id
            """, values(target) + [.int64(Int64(limit))])
        return (try rows.map { try open($0, state: .pending) }, try waiting(in: rows))
    }

    /// What a claim holds: not empty when an earlier run of the same transaction was committed after all.
    static func claimed(
        _ claimID: String, in transaction: PostgresTransaction
    ) async throws -> [(delivery: OpenDelivery, callID: String)] {
        let rows = try await transaction.execute(
            """
            SELECT d.delivery_id, d.attempts, d.may_be_repeated, d.shortened, a.event, \(joined), t.call_id,
                \(told)
            FROM alerting.deliveries AS d JOIN alerting.alerts AS a USING (alert_id)
                JOIN alerting.attempts AS t ON t.delivery_id = d.delivery_id AND t.claim_id = d.claim_id \(escalation)
            WHERE d.claim_id = $1 ORDER BY d.severity DESC, d.delivery_id
            """, [.text(claimID)])
        return try rows.map { (try open($0, state: .claimed), try $0.decode(String.self, at: 6)) }
    }

    private static func open(
        _ row: PostgresRow, state: DeliveryStateMachine.State
    ) throws -> OpenDelivery {
        OpenDelivery(
            id: try row.decode(Int64.self, at: 0),
            machine: DeliveryStateMachine(
                state: state, attempts: Int(try row.decode(Int32.self, at: 1)),
                mayBeRepeated: try row.decode(Bool.self, at: 2), shortened: try row.decode(Bool.self, at: 3)),
            event: try row.decode([UInt8].self, at: 4), joined: Int(try row.decode(Int64.self, at: 5)),
            severity: Severity(rawValue: Int(try row.decode(Int16.self, at: 7))),
            isRaised: try row.decode(Bool.self, at: 8), isRecalled: try row.decode(Bool.self, at: 9),
            escalation: try row.decode(Int32?.self, at: 10).map { number in
                EscalationNotice(
                    number: Int(number), holder: try row.decode(String?.self, at: 11),
                    recipients: try row.decode([String].self, at: 12))
            })
    }

    /// What an alert became after it was raised; from the seventh column on.
    private static let told = """
        d.severity, a.raised_from IS NOT NULL, EXISTS (
            SELECT FROM alerting.context_recalls AS r WHERE r.alert_id = a.alert_id AND r.msgid = a.msgid
        ), e.number, e.holder, e.recipients
        """
    private static let escalation =
        "LEFT JOIN alerting.escalations AS e ON e.alert_id = d.alert_id AND e.number = d.escalation"

    private static func waiting(in rows: PostgresRows) throws -> Int {
        guard let row = rows.first else { return 0 }
        return Int(try row.decode(Int64.self, at: 6))
    }

    private static let joined = "(SELECT count(*) FROM alerting.alerts AS j WHERE j.merged_into = a.alert_id)"

    static func values(_ target: DeliveryTarget) -> [PostgresValue] {
        [.text(target.corpID), .text(target.channel.rawValue), .text(target.id)]
    }
}
