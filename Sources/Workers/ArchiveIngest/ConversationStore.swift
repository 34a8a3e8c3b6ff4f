import Contracts
import Postgres
import Synchronization

/// Sees to it that every conversation has its row.
///
/// A row is inserted once and changes at most once, when somebody from outside joins. Conversations known to have their
/// row cost nothing; what is known is only ever learnt from committed rows. Whoever deletes rows by hand restarts the
/// copies afterwards.
final class ConversationStore: Sendable {
    /// Memory for some 10 MB at most; beyond, everything is asked again once.
    private static let capacity = 200_000

    private let known = Mutex<Set<Fingerprint>>([])

    /// A conversation in the state that was seen, in 128 bits: a set of the ids themselves would outgrow the batches.
    fileprivate struct Fingerprint: Hashable {
        let first: Int
        let second: Int

        init(_ conversation: Conversation, corpID: String) {
            var hasher = Hasher()
            hasher.combine(conversation.id)
            hasher.combine(corpID)
            hasher.combine(conversation.external)
            first = hasher.finalize()
            hasher = Hasher()
            hasher.combine(1)
            hasher.combine(conversation.id)
            hasher.combine(corpID)
            hasher.combine(conversation.external)
            second = hasher.finalize()
        }

        func hash(into hasher: inout Hasher) { hasher.combine(first) }
    }

    /// Conversations of a batch that may lack their row.
    struct Pending {
        fileprivate struct Row {
            var corpID: String
            var conversation: Conversation
            var fingerprint: Fingerprint
        }

        /// Each once, in the order of the key, so that lanes that touch the same rows never wait for each other
        /// crosswise.
        fileprivate var rows: [Row]

        /// `nil` when there is nothing to say. Its result goes to ``ConversationStore/learn(from:_:)``.
        var statement: (String, [PostgresValue])? {
            guard !rows.isEmpty else { return nil }
            return (
                """
                INSERT INTO archive.conversations AS c (corp_id, conversation_id, kind, external)
                SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[])
                ON CONFLICT (corp_id, conversation_id) DO UPDATE SET external = true
                    WHERE excluded.external AND NOT c.external
                RETURNING corp_id, conversation_id
                """,
                [
                    .textArray(rows.map(\.corpID)), .textArray(rows.map(\.conversation.id)),
                    .textArray(rows.map(\.conversation.kind.rawValue)), .boolArray(rows.map(\.conversation.external)),
                ]
            )
        }
    }

    func pending(among messages: [PlannedMessage]) -> Pending {
        var found: [Fingerprint: Pending.Row] = [:]
        known.withLock { known in
            for planned in messages {
                let fingerprint = Fingerprint(planned.conversation, corpID: planned.key.corpID)
                if known.contains(fingerprint) || found[fingerprint] != nil { continue }
                found[fingerprint] = .init(
                    corpID: planned.key.corpID, conversation: planned.conversation, fingerprint: fingerprint)
            }
        }
        // A conversation seen both with and without an outsider is one row: with.
        let sorted = found.values.sorted {
            ($0.corpID, $0.conversation.id, $1.conversation.external ? 1 : 0) < (
                $1.corpID, $1.conversation.id, $0.conversation.external ? 1 : 0
            )
        }
        var rows: [Pending.Row] = []
        for row in sorted where row.corpID != rows.last?.corpID || row.conversation.id != rows.last?.conversation.id {
            rows.append(row)
        }
        return Pending(rows: rows)
    }

    /// Rows that the statement neither made nor changed were there before, committed.
    func learn(from pending: Pending, _ written: PostgresRows) throws(PostgresError) {
        var own: Set<MessageKey> = []
        for row in written {
            let (corpID, id) = try row.decode(String.self, String.self)
            own.insert(MessageKey(corpID: corpID, messageID: id))
        }
        let committed = pending.rows.filter {
            !own.contains(MessageKey(corpID: $0.corpID, messageID: $0.conversation.id))
        }
        known.withLock { known in
            if known.count + committed.count > Self.capacity { known.removeAll(keepingCapacity: true) }
            known.formUnion(committed.lazy.map(\.fingerprint))
        }
    }
}
