import Alerting
import Postgres

extension DeliveryStore {
    /// Takes the claim's deliveries and records an attempt for each.
    ///
    /// - Parameter seconds: after this nobody can still be making the calls: time to begin plus time to answer.
    static func store(_ claim: Claim, expiresAfter seconds: Double, in transaction: PostgresTransaction) async throws {
        let deliveries = claim.calls.flatMap { call in call.deliveries.map { (call.id, $0.id) } }
        let ids = PostgresValue.int64Array(deliveries.map(\.1))
        try await transaction.pipeline([
            (
                """
                UPDATE alerting.deliveries SET state = 'claimed', attempts = attempts + 1, claim_id = $2,
                    claim_expires_at = clock_timestamp() + $3 * interval '1 second'
                WHERE delivery_id = ANY ($1)
                """, [ids, .text(claim.id), .double(seconds)]
            ),
            (
                """
                INSERT INTO alerting.attempts
                    (delivery_id, call_id, claim_id, corp_id, channel, target_id, started_at)
                SELECT delivery_id, call_id, $3, $4, $5, $6, clock_timestamp()
                FROM unnest($1::bigint[], $2::text[]) AS made (delivery_id, call_id)
                """, [ids, .textArray(deliveries.map(\.0)), .text(claim.id)] + values(claim.target)
            ),
        ])
    }

    /// What one delivery becomes.
    struct Ending: Sendable {
        var deliveryID: Int64
        var change: DeliveryStateMachine.Change
        var report: CallReport
    }

    /// Ends the attempts of a claim. Does nothing to deliveries that the claim no longer holds, so that a repetition, or
    /// an owner who comes late, changes nothing.
    static func finish(_ claimID: String, _ endings: [Ending], in transaction: PostgresTransaction) async throws {
        let ids = PostgresValue.int64Array(endings.map(\.deliveryID))
        let pauses = PostgresValue.int64Array(endings.map { $0.change.pause.wholeMilliseconds })
        try await transaction.pipeline([
            (
                """
                UPDATE alerting.attempts SET finished_at = clock_timestamp(), outcome = ended.outcome,
                    detail = ended.detail, http_status = ended.http_status, errcode = ended.errcode,
                    pause_until = CASE WHEN ended.pauses THEN clock_timestamp() + ended.pause * interval '1 millisecond'
                        END
                FROM unnest($2::bigint[], $3::text[], $4::text[], $5::integer[], $6::integer[], $7::boolean[],
                    $8::bigint[]) AS ended (delivery_id, outcome, detail, http_status, errcode, pauses, pause)
                WHERE attempts.delivery_id = ended.delivery_id AND attempts.claim_id = $1 AND attempts.outcome IS NULL
                """,
                [
                    .text(claimID), ids,
                    .textArray(endings.map(\.change.outcome.rawValue)),
                    .textArray(endings.map(\.report.detail)),
                    .int32Array(endings.map { $0.report.httpStatus.map { Int32(clamping: $0) } }),
                    .int32Array(endings.map { $0.report.errcode.map { Int32(clamping: $0) } }),
                    .boolArray(endings.map(\.change.pausesTarget)), pauses,
                ]
            ),
            (
                """
                UPDATE alerting.deliveries SET state = ended.state, claim_id = NULL, claim_expires_at = NULL,
                    next_attempt_at = clock_timestamp() + ended.pause * interval '1 millisecond',
                    may_be_repeated = ended.may_be_repeated, shortened = ended.shortened, reason = ended.reason,
                    finished_at = CASE WHEN ended.state IN ('delivered', 'failed') THEN clock_timestamp() END
                FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::boolean[], $6::boolean[], $7::text[])
                    AS ended (delivery_id, state, pause, may_be_repeated, shortened, reason)
                WHERE deliveries.delivery_id = ended.delivery_id AND deliveries.claim_id = $1
                """,
                [
                    .text(claimID), ids,
                    .textArray(endings.map(\.change.state.rawValue)), pauses,
                    .boolArray(endings.map(\.change.mayBeRepeated)),
                    .boolArray(endings.map(\.change.shortened)),
                    .textArray(endings.map(\.change.reason)),
                ]
            ),
        ])
    }

    /// Has the corp's other robots told of what a target can't be told of.
    static func fallBack(
        _ deliveryIDs: [Int64], of corpID: String, to robots: [String], laneCount: Int32,
        in transaction: PostgresTransaction
    ) async throws {
        guard !deliveryIDs.isEmpty, !robots.isEmpty else { return }
        try await transaction.execute(
            """
            INSERT INTO alerting.deliveries
                (alert_id, escalation, corp_id, channel, target_id, lane, severity, state)
            SELECT d.alert_id, d.escalation, d.corp_id, 'robot', robot, place, d.severity, 'pending'
            FROM alerting.deliveries AS d CROSS JOIN unnest($2::text[], $3::integer[]) AS other (robot, place)
            WHERE d.delivery_id = ANY ($1) ORDER BY d.delivery_id, robot
            ON CONFLICT (alert_id, escalation, channel, target_id) DO NOTHING
            """,
            [
                .int64Array(deliveryIDs), .textArray(robots),
                .int32Array(robots.map { DeliveryTarget(corpID: corpID, channel: .robot, id: $0).lane(of: laneCount) }),
            ])
    }

    /// Gives up deliveries whose stored event cannot be read.
    static func giveUpUnreadable(_ ids: [Int64], in transaction: PostgresTransaction) async throws {
        guard !ids.isEmpty else { return }
        try await transaction.execute(
            """
            UPDATE alerting.deliveries SET state = 'failed', reason = 'unreadable_event',
                finished_at = clock_timestamp()
            WHERE delivery_id = ANY ($1) AND state = 'pending'
            """, [.int64Array(ids)])
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int64 { Int64(self / .milliseconds(1)) }
}
