package import Contracts
package import ConversationArchive
package import Postgres
package import Records
package import WorkerRuntime

/// Archives every chat message once and publishes what was stored.
///
/// Consumes ``Topics/chatRaw``; publishes ``Topics/chatMessages`` and the chat part of ``Topics/customerEvents``, both
/// derived, and only for rows that were really stored.
/// Effect: exactly once per record, in the transaction that also advances the offset. A message is unique by
/// (corp, msgid) on its own too, so a message that comes again on any partition writes and publishes nothing.
package struct ArchiveIngest: BatchHandler {
    private let directory: @Sendable () -> ArchiveDirectory
    private let clock: any RuntimeClock
    private let planners: PlannerPool
    private let store = MessageStore()
    private let conversations = ConversationStore()

    /// - Parameters:
    ///   - namespace: prefix of the output topics.
    ///   - directory: the snapshot in force; taken once for each batch.
    ///   - clock: for making months ahead.
    package init(
        namespace: Namespace, clock: any RuntimeClock, directory: @escaping @Sendable () -> ArchiveDirectory
    ) {
        planners = PlannerPool(topics: OutputTopics(namespace: namespace))
        self.clock = clock
        self.directory = directory
    }

    /// Which corps are known decides what is accepted, and who is an employee decides which events it causes.
    package var configurationVersion: String? { directory().version }

    /// Pure. Whatever is wrong with a message's body is a flag of its row; only the envelope makes a dead letter.
    package func decode(_ record: Record) throws(Undecodable) -> PlannedRecord? {
        let directory = directory()
        return try planners.withPlanner { (planner) throws(Undecodable) in
            try Self.plan(record, with: planner, directory)
        }
    }

    package func reading<Result>(_ body: ((Record) throws(Undecodable) -> PlannedRecord?) -> Result) -> Result {
        let directory = directory()
        return planners.withPlanner { planner in
            body { (record) throws(Undecodable) in try Self.plan(record, with: planner, directory) }
        }
    }

    private static func plan(
        _ record: Record, with planner: MessagePlanner, _ directory: ArchiveDirectory
    ) throws(Undecodable) -> PlannedRecord {
        guard let value = record.value else {
            throw Undecodable(reason: ArchiveFault.Reason.malformedJSON.rawValue, detail: "the record has no value")
        }
        return try planner.plan(record, value: value, directory: directory)
    }

    /// `<corp>/<conversation>`. A message's row doesn't depend on those before it, so nothing waits behind a dead letter.
    package func key(of record: PlannedRecord) -> [UInt8]? {
        switch record {
        case .message(let sheet, let index):
            Self.key(of: sheet.conversation(of: sheet.messages[index]))
        case .companySwitch: nil
        }
    }

    /// Pure: no I/O. This handler is stateless, so it may run while the previous batch is being written.
    package func decide(_ batch: Batch<PlannedRecord>) -> ArchiveDecision {
        ArchiveDecision(batch)
    }

    /// Writes rows and facts in the runtime's transaction; the runtime publishes, adds the offsets and commits.
    package func apply(
        _ decision: ArchiveDecision, in transaction: PostgresTransaction, context: ApplyContext
    ) async throws -> Effects {
        let stored = try await store.insert(decision, in: transaction, context: context)
        try await ArchiveFacts(messages: stored, of: decision)
            .insert(conversations, in: transaction, context: context)
        return Effects(derived: decision.sheet.events(of: stored))
    }

    /// A lane's batch depends on no other, and what it writes beside its rows belongs to any lane whose lock is held.
    package var sharesTransactions: Bool { true }

    /// All as one: as many statements as for one lane.
    package func apply(
        _ decisions: [LaneDecision<ArchiveDecision>], in transaction: PostgresTransaction, context: ApplyContext
    ) async throws -> [Effects] {
        guard decisions.count > 1 else {
            return [try await apply(decisions[0].decision, in: transaction, context: context)]
        }
        let all = ArchiveDecision(joining: decisions.map(\.decision))
        let effects = try await apply(all, in: transaction, context: context)
        let derived = effects.derived
        let places = Dictionary(grouping: derived.indices, by: derived.partition(at:))
        return decisions.map { Effects(derived: derived.selecting(places[$0.lane] ?? [])) }
    }

    /// On one lane of the fleet: makes the months of the coming year, now and every day, and folds what the batches of all
    /// lanes have added to the totals of their conversations.
    package func run(while lane: LaneSession<PostgresTransaction>) async throws {
        guard lane.lane == 0 else { return }
        let day = Duration.seconds(24 * 60 * 60)
        var sinceMonths = day
        while true {
            if sinceMonths >= day {
                let now = Month(milliseconds: clock.nowMilliseconds)
                try await lane.transaction { transaction in
                    try await MonthPartitions.create(now...now.advanced(by: 12), in: transaction)
                    return .none
                }
                sinceMonths = .zero
            }
            try await ConversationTotals.fold(while: lane)
            try await clock.sleep(for: ConversationTotals.interval)
            sinceMonths += ConversationTotals.interval
        }
    }

    private static func key(of conversation: ConversationKey) -> [UInt8] {
        Array("\(conversation.corpID)/".utf8) + conversation.id
    }
}
