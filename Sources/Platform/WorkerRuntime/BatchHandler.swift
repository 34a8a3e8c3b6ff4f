package import Records

/// What a worker does with its records. Holds no thread, no offset, no retry loop, and never commits.
///
/// For each batch the runtime calls `decode` for every record, drops what was seen before, calls `decide`, then `apply`
/// inside a transaction of the lane, adds offsets, dead letters and outbox, and commits. Any of them may be called again
/// for the same records after a failure.
package protocol BatchHandler: Sendable {
    associatedtype Event: Sendable
    associatedtype Decision: Sendable
    associatedtype Transaction: Sendable

    /// Reads one record. Pure.
    /// - Returns: `nil` for a record that is none of this worker's business (skipped, counted).
    func decode(_ record: Record) throws(Undecodable) -> Event?

    /// Calls `body` with what reads the records of one batch, one after the other, like ``decode(_:)``, which is the
    /// default. A handler that needs buffers or a snapshot takes them here, once for the batch.
    func reading<Result>(_ body: ((Record) throws(Undecodable) -> Event?) -> Result) -> Result

    /// Judges a batch. Pure: no I/O. Take one configuration snapshot for the whole batch.
    func decide(_ batch: Batch<Event>) throws -> Decision

    /// Writes the decision in the runtime's transaction. May read state there first when the rule is stateful.
    func apply(_ decision: Decision, in transaction: Transaction, context: ApplyContext) async throws -> Effects

    /// May small batches of several lanes be written in one transaction? `false` by default.
    var sharesTransactions: Bool { get }

    /// Writes the decisions of several lanes, each once, in one transaction that belongs to all of them; asked only if
    /// ``sharesTransactions``. If it throws, each decision is written alone. The default writes one after the other.
    ///
    /// - Parameters:
    ///   - decisions: in order of their lanes.
    ///   - context: of the first lane.
    /// - Returns: the effects of each, in the same order.
    func apply(
        _ decisions: [LaneDecision<Decision>], in transaction: Transaction, context: ApplyContext
    ) async throws -> [Effects]

    /// The key in whose order records have their effect, as UTF-8 that people can type. Pure.
    ///
    /// The key of the handler's state, never the record's own, which may be wrong at the door. Asked only while keys of
    /// the lane are parked, or of a record that could not be processed. A key of more than 1,000 bytes is none.
    /// - Returns: `nil` (the default) for a record whose key cannot be parked.
    func key(of event: Event) -> [UInt8]?

    /// Does the effect of a record depend on those of its key before it? Then a record that could not be processed parks
    /// its key: later records wait behind the dead letter until it is redriven or discarded. Else (the default) they go
    /// on without it.
    var waitsBehindDeadLetters: Bool { get }

    /// Version of the configuration in force on which depends what the handler accepts and derives; `nil` (the default) if
    /// nothing that it derives depends on any. Asked before and after a batch is decoded and decided: if the answers
    /// differ, the batch is decoded and decided again.
    ///
    /// Derived records are published before the commit, so a successor may meet some that were published and never
    /// committed. Under another version it may derive more of the same records; the runtime then numbers higher.
    var configurationVersion: String? { get }

    /// Version of the rules in force for the record, kept with its dead letter; `nil` by default. Pure.
    func ruleVersion(of record: Record) -> String?

    /// Work that goes on while a lane is held, beside its batches: timers, deliveries. Cancelled when the lane is given
    /// up. The default does nothing.
    func run(while lane: LaneSession<Transaction>) async throws
}

extension BatchHandler {
    package func reading<Result>(_ body: ((Record) throws(Undecodable) -> Event?) -> Result) -> Result {
        body { (record) throws(Undecodable) in try decode(record) }
    }
    package var sharesTransactions: Bool { false }
    package func apply(
        _ decisions: [LaneDecision<Decision>], in transaction: Transaction, context: ApplyContext
    ) async throws -> [Effects] {
        var effects: [Effects] = []
        for part in decisions {
            var context = context
            context.lane = part.lane
            effects.append(try await apply(part.decision, in: transaction, context: context))
        }
        return effects
    }
    package func key(of event: Event) -> [UInt8]? { nil }
    package var waitsBehindDeadLetters: Bool { false }
    package var configurationVersion: String? { nil }
    package func ruleVersion(of record: Record) -> String? { nil }
    package func run(while lane: LaneSession<Transaction>) async throws {}
}

/// A record that can never be decoded.
package struct Undecodable: Error, Equatable {
    /// A fixed word such as `malformed_json`.
    package var reason: String
    /// What is wrong and where, without any content of the record.
    package var detail: String

    package init(reason: String, detail: String) {
        self.reason = reason
        self.detail = detail
    }
}

/// Decoded records of one lane, in order for each topic.
package struct Batch<Event: Sendable>: Sendable {
    package var lane: Int32
    package var items: [Item]
    /// Wall-clock time when the batch was put together, milliseconds UTC.
    package var nowMilliseconds: Int64

    package struct Item: Sendable {
        package var event: Event
        package var record: Record

        package init(event: Event, record: Record) {
            self.event = event
            self.record = record
        }
    }

    package init(lane: Int32, items: [Item], nowMilliseconds: Int64) {
        self.lane = lane
        self.items = items
        self.nowMilliseconds = nowMilliseconds
    }
}

/// What was decided for a batch of a lane.
package struct LaneDecision<Decision: Sendable>: Sendable {
    package var lane: Int32
    package var decision: Decision

    package init(lane: Int32, decision: Decision) {
        self.lane = lane
        self.decision = decision
    }
}

/// What `apply` is told about this attempt.
package struct ApplyContext: Sendable {
    package var lane: Int32
    /// How many lanes the worker has over all its copies: the partition count of its topics.
    package var laneCount: Int32
    /// Counts from 1.
    package var attempt: Int
    /// An earlier attempt met a unique key: insert through a path that tolerates rows that are already there.
    package var mayConflict: Bool
    /// Wall-clock time, milliseconds UTC.
    package var nowMilliseconds: Int64

    package init(lane: Int32, laneCount: Int32 = 1, attempt: Int, mayConflict: Bool, nowMilliseconds: Int64) {
        self.lane = lane
        self.laneCount = laneCount
        self.attempt = attempt
        self.mayConflict = mayConflict
        self.nowMilliseconds = nowMilliseconds
    }
}

/// What a batch causes outside its own tables.
package struct Effects: Sendable {
    /// Decisions: numbered, written to the outbox in the transaction, published after the commit.
    package var outbox: [OutgoingRecord] = []
    /// Voluminous streams: published and acknowledged before the commit.
    package var derived: DerivedRecords = []
    /// Records the handler could judge only now. The rest of the batch goes on.
    package var deadLetters: [DeadLetter] = []

    package init(
        outbox: [OutgoingRecord] = [], derived: DerivedRecords = [], deadLetters: [DeadLetter] = []
    ) {
        self.outbox = outbox
        self.derived = derived
        self.deadLetters = deadLetters
    }

    package init(outbox: [OutgoingRecord] = [], derived: [DerivedRecord]) {
        self.init(outbox: outbox, derived: DerivedRecords(derived))
    }

    package static let none = Effects()
}

/// A held lane, for work beside its batches. Transactions pass through the same serial queue as the batches.
package struct LaneSession<Transaction: Sendable>: Sendable {
    package var lane: Int32
    /// How many lanes the worker has over all its copies.
    package var laneCount: Int32
    private let perform: @Sendable (@Sendable (Transaction) async throws -> Effects) async throws -> Void
    private let passEnds: @Sendable (Duration) async throws -> Bool

    /// - Parameter passEnds: see ``catchUp(within:)``; by default there is nothing to catch up with.
    package init(
        lane: Int32, laneCount: Int32 = 1,
        passEnds: @escaping @Sendable (Duration) async throws -> Bool = { _ in true },
        perform: @escaping @Sendable (@Sendable (Transaction) async throws -> Effects) async throws -> Void
    ) {
        self.lane = lane
        self.laneCount = laneCount
        self.perform = perform
        self.passEnds = passEnds
    }

    /// Waits until the lane has processed everything that the broker holds for it now. A timer that is due asks first:
    /// what makes it void may wait in the lag.
    ///
    /// - Parameter patience: the longest wait, also when the broker does not answer.
    /// - Returns: whether it got there in time.
    package func catchUp(within patience: Duration) async throws -> Bool { try await passEnds(patience) }

    /// Runs one transaction of the lane: lock, check of the epoch, `body`, outbox, commit.
    ///
    /// Retries failures of the world. A commit whose answer was lost is recognised, and not repeated, if the body's
    /// effects had outbox entries; without any, the body may be committed twice, so make it harmless to repeat.
    /// - Throws: `CancellationError` once the lane is no longer ours; what `body` throws, if it isn't the world's fault.
    package func transaction(_ body: @Sendable (Transaction) async throws -> Effects) async throws {
        try await perform(body)
    }
}
