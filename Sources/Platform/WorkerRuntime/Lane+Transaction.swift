import Records

/// The broker didn't acknowledge derived records while the transaction could wait.
struct DerivedLate: Error, CustomStringConvertible {
    /// `nil`: the producer's queue was full all the time.
    var publication: (any Publication)?
    var description: String { "derived records are not acknowledged" }
}

/// An earlier attempt at work beside the batches had been committed.
struct AlreadyApplied: Error {}

/// One transaction, once.
extension Lane {
    typealias Body = (Store.Transaction, ApplyContext) async throws -> Effects

    /// Locks and checks the lane, runs `body`, adds outbox, dead letters and derived records, commits.
    ///
    /// - Parameters:
    ///   - appendedInDoubt: outbox entries of an earlier attempt that no compare-and-set would find. This one looks for
    ///     them before it does anything; it holds the lane's lock, so the answer is final.
    ///   - appended: how many outbox entries were appended, also when the commit fails.
    func attempt(
        _ change: LaneChange, _ applyContext: ApplyContext, appendedInDoubt: Int, appended: inout Int, _ body: Body
    ) async throws -> LaneOutcome {
        let asked = context.clock.uptime
        func at(_ step: WorkerStatus.Step) {
            if change.movesOffsets { context.progress.at(step, lane: number) }
        }
        at(.turn)
        return try await context.transactions.withPermit {
            let began = context.clock.uptime
            at(.database)
            var publishing = Duration.zero
            defer {
                context.progress.spent(began - asked, .waiting)
                context.progress.spent(publishing, .publishing)
                context.progress.spent(context.clock.uptime - began - publishing, .database)
            }
            let state = state
            let acknowledged = relay.deletable
            let advance = LaneAdvance(
                claim: state.claim, offsets: change.steps, streams: change.streams, acknowledgedSequence: acknowledged)
            let outcome = try await context.store.transaction(advance) { transaction in
                // On this very connection: with a pool of one, another would never come.
                if appendedInDoubt > 0,
                    try await context.store.nextSequence(of: number, in: transaction) != state.nextSequence
                {
                    throw AlreadyApplied()
                }
                if let settlement = change.settlement,
                    try await !context.store.settle(settlement, lane: number, in: transaction),
                    context.protections.settlesOnce
                {
                    throw AlreadyApplied()
                }
                if let configuration = change.configuration {
                    let bases = try await context.store.renumber(
                        number, under: configuration, by: context.limits.numberJump, in: transaction)
                    return LaneOutcome(bases: bases)
                }
                let effects = try await body(transaction, applyContext)
                let (direct, detoured) = change.divide(effects.derived)
                let derived = try DerivedNumbering.number(direct, bases: state.offsets)
                let entries = state.entries(for: effects.outbox + detoured)
                if !entries.isEmpty {
                    appended = entries.count
                    try await context.store.append(entries, lane: number, in: transaction)
                }
                let letters = context.stamped(change.deadLetters + effects.deadLetters)
                if !letters.isEmpty { try await context.store.insert(letters, lane: number, in: transaction) }
                if !change.parking.isEmpty {
                    try await context.store.park(change.parking, lane: number, in: transaction)
                }
                if !derived.isEmpty {
                    let before = context.clock.uptime
                    at(.publishing)
                    defer {
                        publishing = context.clock.uptime - before
                        at(.database)
                    }
                    try await context.publish([derived])
                }
                return LaneOutcome(outbox: entries, deadLetters: letters.count, derived: derived.count)
            }
            relay.deleted(through: acknowledged)
            return outcome
        }
    }
}

extension LaneState {
    /// Numbers what goes out by the outbox.
    func entries(for records: [OutgoingRecord]) -> [OutboxEntry] {
        records.enumerated().map { OutboxEntry(sequence: nextSequence + Int64($0.offset), record: $0.element) }
    }
}
