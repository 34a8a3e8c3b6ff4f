import Contracts
import Postgres
import Synchronization

/// Sees to it that every conversation has its row.
///
/// A row is inserted once and changes at most once, when somebody from outside joins. Conversations known to have their
/// row cost nothing; what is known is only ever learnt from committed rows. Whoever deletes rows by hand restarts the
/// copies afterwards.
final class ConversationStore: Sendable {
    /// Some 10 MB at most; beyond, everything is asked again once.
    private static let capacity = 65_536

    private let known = Mutex<Set<Sighting>>([])

    /// The primary key.
    fileprivate struct Key: Hashable {
        var corpID: String
        var id: String

        /// By the id alone: hardly ever is it the same in two corps.
        func hash(into hasher: inout Hasher) { hasher.combine(id) }
    }

    /// A conversation in the state in which it was seen.
    fileprivate struct Sighting: Hashable {
        var key: Key
        var kind: Conversation.Kind
        var external: Bool

        init(_ planned: PlannedMessage) {
            key = Key(corpID: planned.key.corpID, id: planned.conversation.id)
            kind = planned.conversation.kind
            external = planned.conversation.external
        }

        func hash(into hasher: inout Hasher) { hasher.combine(key) }
    }

    /// Conversations of a batch that may lack their row.
    struct Pending {
        /// Each once, in the order of the key, so that lanes that touch the same rows never wait for each other
        /// crosswise.
        fileprivate var rows: [Sighting]

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
                    .textArray(rows.map(\.key.corpID)), .textArray(rows.map(\.key.id)),
                    .textArray(rows.map(\.kind.rawValue)), .boolArray(rows.map(\.external)),
                ]
            )
        }
    }

    func pending(among messages: [PlannedMessage]) -> Pending {
        var found: Set<Sighting> = []
        known.withLock { known in
            for planned in messages {
                let sighting = Sighting(planned)
                if !known.contains(sighting) { found.insert(sighting) }
            }
        }
        // A conversation seen both with and without an outsider is one row: with.
        let sorted = found.sorted {
            ($0.key.corpID, $0.key.id, $1.external ? 1 : 0) < ($1.key.corpID, $1.key.id, $0.external ? 1 : 0)
        }
        var rows: [Sighting] = []
        for sighting in sorted where rows.last?.key != sighting.key { rows.append(sighting) }
        return Pending(rows: rows)
    }

    /// Rows that the statement neither made nor changed were there before, committed.
    func learn(from pending: Pending, _ written: PostgresRows) throws(PostgresError) {
        var own: Set<Key> = []
        for row in written {
            let (corpID, id) = try row.decode(String.self, String.self)
            own.insert(Key(corpID: corpID, id: id))
        }
        let committed = pending.rows.filter { !own.contains($0.key) }
        known.withLock { known in
            if known.count + committed.count > Self.capacity { known.removeAll(keepingCapacity: true) }
            known.formUnion(committed)
        }
    }
}
