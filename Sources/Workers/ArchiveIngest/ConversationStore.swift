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
        var key: ConversationKey
        var external: Bool
        var people: UInt64

        func hash(into hasher: inout Hasher) { hasher.combine(key) }
    }

    /// Conversations of a batch that may lack rows.
    struct Pending {
        fileprivate var shapes: [Shape]
        /// Each once, in the order of the key, so that lanes that touch the same rows never wait for each other
        /// crosswise.
        fileprivate var rows: [ConversationRow]
        fileprivate var participants: [ParticipantRow]

        var isEmpty: Bool { rows.isEmpty }

        /// `nil` when there is nothing to say. Its result goes to
        /// ``ConversationStore/complete(_:_:in:mayConflict:)``.
        var statement: (String, [PostgresValue])? { isEmpty ? nil : ConversationRow.statement(rows) }
    }

    /// - Parameter messages: those really stored.
    func pending(among messages: [PlannedMessage], on sheet: MessageSheet) -> Pending {
        var unknown: [Shape: PlannedMessage] = [:]
        // Most messages of a conversation show it as the one before them did: looked up once.
        var last = [(external: Bool, people: UInt64)?](repeating: nil, count: sheet.conversations.count)
        known.withLock { known in
            for planned in messages {
                if let last = last[planned.conversation], last == (planned.external, planned.people) { continue }
                last[planned.conversation] = (planned.external, planned.people)
                let shape = Shape(
                    key: sheet.conversation(of: planned), external: planned.external, people: planned.people)
                if !known.contains(shape) { unknown[shape] = planned }
            }
        }
        return Pending(
            shapes: Array(unknown.keys), rows: ConversationRow.all(of: unknown.values, on: sheet),
            participants: ParticipantRow.all(of: unknown.values, on: sheet))
    }

    /// Adds who takes part, and learns which conversations have all they need.
    ///
    /// A conversation that this transaction has made has no participants yet, and nobody else can see it to add any: they
    /// are copied. Only rows that were left behind of a conversation somebody deleted are in the way, and then the batch
    /// is repeated.
    /// - Parameters:
    ///   - written: what the conversations' statement answered.
    ///   - mayConflict: the batch met a unique key already.
    func complete(
        _ pending: Pending, _ written: PostgresRows, in transaction: PostgresTransaction, mayConflict: Bool
    ) async throws {
        var own: Set<[String]> = []
        var made: Set<[String]> = []
        for row in written {
            let (corpID, id, isNew) = try row.decode(String.self, String.self, Bool.self)
            own.insert([corpID, id])
            if isNew, !mayConflict { made.insert([corpID, id]) }
        }
        let first = pending.participants.filter { made.contains([$0.corpID, $0.conversationID]) }
        try await transaction.copy(try ParticipantRow.buffer(first))
        if first.count < pending.participants.count {
            let others = pending.participants.filter { !made.contains([$0.corpID, $0.conversationID]) }
            let (sql, binds) = ParticipantRow.statement(others)
            for row in try await transaction.execute(sql, binds) {
                let (corpID, id) = try row.decode(String.self, String.self)
                own.insert([corpID, id])
            }
        }
        // Rows that were neither made nor changed were there before, committed.
        let committed = pending.shapes.filter {
            own.isEmpty || !own.contains([$0.key.corpID, $0.key.name])
        }
        known.withLock { known in
            if known.count + committed.count > Self.capacity { known.removeAll(keepingCapacity: true) }
            known.formUnion(committed)
        }
    }
}
