import Contracts
import Postgres
import Synchronization

/// Sees to it that every conversation has its row, and everybody who takes part in it has his.
///
/// A conversation's row is inserted once and changes at most once, when somebody from outside joins. Conversations known
/// to have their rows cost nothing; what is known is only ever learnt from committed rows. Whoever deletes rows by hand
/// restarts the copies afterwards.
final class ConversationStore: Sendable {
    /// Some 10 MB at most; beyond, everything is asked again once.
    private static let capacity = 65_536

    private let known = Mutex<Set<Shape>>([])

    /// A conversation in the state in which it was seen.
    fileprivate struct Shape: Hashable {
        var key: ConversationSighting.Key
        var external: Bool
        var people: UInt64

        init(_ sighting: ConversationSighting) {
            key = sighting.key
            external = sighting.external
            people = sighting.people
        }

        func hash(into hasher: inout Hasher) { hasher.combine(key) }
    }

    /// Conversations of a batch that may lack rows.
    struct Pending {
        fileprivate var shapes: [Shape]
        /// Each once, in the order of the key, so that lanes that touch the same rows never wait for each other
        /// crosswise.
        fileprivate var rows: [ConversationRow]
        fileprivate var participants: [ParticipantRow]

        /// Empty when there is nothing to say. Their results go to ``ConversationStore/learn(from:_:)``.
        var statements: [(String, [PostgresValue])] {
            guard !rows.isEmpty else { return [] }
            return [ConversationRow.statement(rows), ParticipantRow.statement(participants)]
        }
    }

    func pending(among messages: [PlannedMessage]) -> Pending {
        var unknown: [Shape: PlannedMessage] = [:]
        known.withLock { known in
            for planned in messages {
                let shape = Shape(planned.sighting)
                if !known.contains(shape) { unknown[shape] = planned }
            }
        }
        return Pending(
            shapes: Array(unknown.keys), rows: ConversationRow.all(of: unknown.values),
            participants: ParticipantRow.all(of: unknown.values))
    }

    /// Rows that the statements neither made nor changed were there before, committed.
    func learn(from pending: Pending, _ written: [PostgresRows]) throws(PostgresError) {
        var own: Set<[String]> = []
        for row in written.joined() {
            let (corpID, id) = try row.decode(String.self, String.self)
            own.insert([corpID, id])
        }
        let committed = pending.shapes.filter {
            own.isEmpty || !own.contains([$0.key.corpID, String(decoding: $0.key.id, as: UTF8.self)])
        }
        known.withLock { known in
            if known.count + committed.count > Self.capacity { known.removeAll(keepingCapacity: true) }
            known.formUnion(committed)
        }
    }
}
