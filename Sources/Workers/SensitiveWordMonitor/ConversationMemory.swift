import Contracts
import Postgres

/// A statement with its values.
typealias Statement = (String, [PostgresValue])

/// What a batch means for the alerts of its conversations: reads and writes what is stored of them, in the batch's
/// transaction.
struct ConversationMemory {
    let limits: ContextLimits

    /// Stores hits, lines and recalls.
    ///
    /// One round trip as long as nothing is hit, watched or withdrawn.
    /// - Returns: what has to be published, in order.
    func take(_ judgement: Judgement, in transaction: PostgresTransaction) async throws -> [ContextTracker.Event] {
        var tracker = ContextTracker(limits: limits)
        let new = try await store(judgement, &tracker, in: transaction)
        let targets = Set(judgement.spoken.compactMap(\.target))
        let alarming = Set(judgement.spoken.filter { $0.hits.contains { new.contains($0.key) } }.map(\.conversation))
        guard !targets.isEmpty || !alarming.isEmpty || !tracker.watches.isEmpty else { return [] }

        let mentioned = mentioned(in: judgement, tracker, alarming)
        let rows = try await transaction.pipeline([
            RecallStore.selection(targets.union(mentioned)), RecallStore.alerts(targets),
        ])
        tracker.recalled = try RecallStore.keys(rows[0])
        tracker.raised = try RecallStore.raised(rows[1])
        tracker.walk(judgement.spoken, new: new)

        let watches = tracker.changed.sorted().map { (key: $0, value: tracker.watches[$0, default: []]) }
        var writes: [Statement] = []
        if !watches.isEmpty { writes.append(try ConversationStore.watch(watches)) }
        if !tracker.recalls.isEmpty { writes.append(RecallStore.insertion(tracker.recalls)) }
        if !writes.isEmpty { try await transaction.pipeline(writes) }
        return tracker.events
    }

    /// Inserts the hits and adds the lines, after the lines before them have been read.
    /// - Returns: the hits that are new.
    private func store(
        _ judgement: Judgement, _ tracker: inout ContextTracker, in transaction: PostgresTransaction
    ) async throws -> Set<JudgedHit.Key> {
        let update = ConversationStore.update(judgement.spoken, keeping: max(1, limits.lines))
        if judgement.hits.isEmpty {
            let rows = try await transaction.pipeline([update])
            tracker.watches = try ConversationStore.watches(rows[0])
            return []
        }
        let alarming = Set(judgement.spoken.filter { !$0.hits.isEmpty }.map(\.conversation))
        // Two copies that meet the same messages in different order must not lock the same keys in different order.
        let rows = try await transaction.pipeline([
            try HitStore.insertion(judgement.hits.sorted { $0.key < $1.key }),
            ConversationStore.selection(alarming.sorted()), update,
        ])
        tracker.lines = Dictionary(uniqueKeysWithValues: alarming.map { ($0, []) })
            .merging(try ConversationStore.lines(rows[1])) { _, stored in stored }
        tracker.watches = try ConversationStore.watches(rows[2])
        return try HitStore.inserted(rows[0])
    }

    /// The messages an alert may be told of.
    private func mentioned(
        in judgement: Judgement, _ tracker: ContextTracker, _ alarming: Set<ConversationKey>
    ) -> Set<RecallKey> {
        var keys: Set<RecallKey> = []
        for spoken in judgement.spoken
        where alarming.contains(spoken.conversation) || tracker.watches[spoken.conversation] != nil {
            keys.insert(RecallKey(corpID: spoken.message.corpID, messageID: spoken.message.messageID))
        }
        for (conversation, lines) in tracker.lines {
            for line in lines { keys.insert(RecallKey(corpID: conversation.corpID, messageID: line.messageID)) }
        }
        return keys
    }
}
