import Alerting
import Contracts
import Postgres
import Records
import WorkerRuntime

extension LifeStore {
    /// An action as it came by its topic.
    struct Incoming: Sendable {
        var action: AlertAction
        var record: Record
    }

    /// What became of a batch's actions.
    struct Settled: Sendable {
        /// In order.
        var changes: [(entry: Entry, type: CustomerEventType, actor: String?, at: Int64)] = []
        var outcomes: [(kind: AlertAction.Kind, outcome: AlertLife.Outcome)] = []
        var deadLetters: [DeadLetter] = []
    }

    /// Decides actions, each once, in their order, and keeps them. The cards that people have say what became of it.
    /// - Parameter name: of a person, for the cards.
    static func settle(
        _ incoming: [Incoming], policy: EscalationPolicy, working: WorkingClocks,
        name: (_ corpID: String, _ userID: String) -> String, in transaction: PostgresTransaction
    ) async throws -> Settled {
        guard !incoming.isEmpty else { return Settled() }
        var states = try await lock(Set(incoming.map(\.action.alertID)), in: transaction)
        // After the locks: whoever decided one of these actions in another lane has committed.
        var known = try await decided(incoming, in: transaction)
        let now = try await DeliveryStore.now(in: transaction)
        var settled = Settled()
        var decisions: [Decision] = []
        var changed: [String: Entry] = [:]
        for item in incoming {
            let action = item.action
            guard var entry = states[action.alertID], entry.corpID == action.corpID else {
                settled.deadLetters.append(
                    letter(item, "unknown_alert", "no alert of this id and corp has a state here"))
                continue
            }
            if let earlier = known[Key(action)] {
                if earlier != Meaning(action) {
                    settled.deadLetters.append(
                        letter(item, "conflicting_action", "another action has the same action_id"))
                }
                continue
            }
            known[Key(action)] = Meaning(action)
            // People's clocks are not ours: nothing happens before its alert, or later than now.
            let at = min(max(action.at, entry.openedAt), max(now, entry.openedAt))
            let outcome = entry.life.act(action)
            settled.outcomes.append((action.kind, outcome))
            decisions.append(Decision(action: action, entry: entry, outcome: outcome, at: at))
            guard outcome == .applied, action.kind != .comment else { continue }
            settled.changes.append((entry, Self.type(of: action.kind), action.actor, at))
            changed[entry.alertID] = entry
            for (asked, state) in states where state.alertID == entry.alertID { states[asked] = entry }
        }
        try await store(decisions, in: transaction)
        try await update(
            changed.values.sorted { $0.alertID < $1.alertID }, now: now, policy: policy, working: working,
            in: transaction)
        // Those that came too late too: their card may have been on the way.
        var texts: [String: String] = [:]
        for decision in decisions where decision.action.kind != .comment {
            let (entry, life) = (decision.entry, decision.entry.life)
            texts[entry.alertID] = life.cardText(holder: life.holder.map { name(entry.corpID, $0) })
        }
        try await CardStore.show(texts, in: transaction)
        return settled
    }

    /// What a change by such an action is to the customer.
    private static func type(of kind: AlertAction.Kind) -> CustomerEventType {
        switch kind {
        case .acknowledge, .comment: .alertAcknowledged
        case .resolve: .alertResolved
        case .reopen: .alertReopened
        }
    }

    private struct Key: Hashable {
        var corpID: String
        var actionID: String

        init(_ action: AlertAction) { (corpID, actionID) = (action.corpID, action.actionID) }
        init(corpID: String, actionID: String) { (self.corpID, self.actionID) = (corpID, actionID) }
    }

    /// What must be the same in a repetition.
    private struct Meaning: Equatable {
        var alertID: String
        var kind: String
        var actor: String
        var result: String?

        init(alertID: String, kind: String, actor: String, result: String?) {
            (self.alertID, self.kind, self.actor, self.result) = (alertID, kind, actor, result)
        }

        init(_ action: AlertAction) {
            self.init(
                alertID: action.alertID, kind: action.kind.rawValue, actor: action.actor,
                result: action.result?.rawValue)
        }
    }

    private struct Decision {
        var action: AlertAction
        var entry: Entry
        var outcome: AlertLife.Outcome
        var at: Int64
    }

    private static func letter(_ item: Incoming, _ reason: String, _ detail: String) -> DeadLetter {
        DeadLetter(
            record: item.record, reason: reason, detail: detail,
            key: Array("\(item.action.corpID)/\(item.action.conversationID)".utf8))
    }

    private static func decided(
        _ incoming: [Incoming], in transaction: PostgresTransaction
    ) async throws -> [Key: Meaning] {
        let rows = try await transaction.execute(
            """
            SELECT corp_id, action_id, alert_id, kind, actor, result FROM alerting.actions
                JOIN unnest($1::text[], $2::text[]) AS asked (corp_id, action_id) USING (corp_id, action_id)
            """,
            [.textArray(incoming.map(\.action.corpID)), .textArray(incoming.map(\.action.actionID))])
        var known: [Key: Meaning] = [:]
        for row in rows {
            let key = Key(corpID: try row.decode(String.self, at: 0), actionID: try row.decode(String.self, at: 1))
            known[key] = Meaning(
                alertID: try row.decode(String.self, at: 2), kind: try row.decode(String.self, at: 3),
                actor: try row.decode(String.self, at: 4), result: try row.decode(String?.self, at: 5))
        }
        return known
    }

    private static func store(_ decisions: [Decision], in transaction: PostgresTransaction) async throws {
        guard !decisions.isEmpty else { return }
        // No ON CONFLICT: another lane that keeps the same action at this moment makes the batch be decided again.
        try await transaction.execute(
            """
            INSERT INTO alerting.actions (corp_id, action_id, alert_id, head_id, kind, actor, origin, acted_at, result,
                note, outcome, holder, revision)
            SELECT corp_id, action_id, alert_id, head_id, kind, actor, origin, acted_at, result, note, outcome, holder,
                revision
            FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::timestamptz[], $9::text[], $10::text[], $11::text[], $12::text[], $13::integer[]) WITH ORDINALITY
                AS new (corp_id, action_id, alert_id, head_id, kind, actor, origin, acted_at, result, note, outcome,
                    holder, revision, place)
            ORDER BY place
            """,
            [
                .textArray(decisions.map(\.action.corpID)), .textArray(decisions.map(\.action.actionID)),
                .textArray(decisions.map(\.action.alertID)), .textArray(decisions.map(\.entry.alertID)),
                .textArray(decisions.map(\.action.kind.rawValue)), .textArray(decisions.map(\.action.actor)),
                .textArray(decisions.map(\.action.origin.rawValue)),
                .timestampArray(milliseconds: decisions.map(\.at)),
                .textArray(decisions.map(\.action.result?.rawValue)), .textArray(decisions.map(\.action.note)),
                .textArray(decisions.map(\.outcome.rawValue)), .textArray(decisions.map(\.entry.life.holder)),
                .int32Array(decisions.map { Int32($0.entry.life.revision) }),
            ])
    }

    /// A change of the state starts its escalation anew.
    private static func update(
        _ entries: [Entry], now: Int64, policy: EscalationPolicy, working: WorkingClocks,
        in transaction: PostgresTransaction
    ) async throws {
        guard !entries.isEmpty else { return }
        try await transaction.execute(
            """
            UPDATE alerting.alert_states AS s SET state = new.state, revision = new.revision, holder = new.holder,
                result = new.result, step = 0, escalates_at = new.escalates_at,
                acknowledged_at = coalesce(s.acknowledged_at, a.first),
                resolved_at = CASE WHEN new.state = 'resolved' THEN a.last END
            FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::timestamptz[])
                    AS new (alert_id, state, revision, holder, result, escalates_at)
                CROSS JOIN LATERAL (
                    SELECT min(acted_at) FILTER (WHERE kind <> 'reopen') AS first,
                        (array_agg(acted_at ORDER BY place DESC))[1] AS last
                    FROM alerting.actions
                    WHERE head_id = new.alert_id AND outcome = 'applied' AND kind <> 'comment'
                ) AS a
            WHERE s.alert_id = new.alert_id
            """,
            [
                .textArray(entries.map(\.alertID)), .textArray(entries.map(\.life.state.rawValue)),
                .int32Array(entries.map { Int32($0.life.revision) }), .textArray(entries.map(\.life.holder)),
                .textArray(entries.map(\.life.result?.rawValue)),
                .timestampArray(
                    milliseconds: entries.map { entry in
                        policy.due(
                            entry.severity, entry.life.state, from: now,
                            working: working(entry.corpID, entry.employeeID))
                    }),
            ])
    }
}
