import Records

/// Small batches, written together with those of other lanes.
extension Lane {
    /// How many batches a lane writes alone after one that could not be written together for a record's sake: others may
    /// follow, and then each would be tried twice.
    private static var batchesAlone: Int { 32 }

    /// Is what these records cost mostly the price of their transaction?
    func mayShare(_ records: some Collection<Record>) -> Bool {
        context.handler.sharesTransactions && records.count <= context.limits.sharedRecords
            && records.reduce(0) { $0 + $1.byteCount } <= context.limits.sharedBytes
    }

    /// Writes the change in a transaction that other lanes share. Called by the holder of `queue`.
    ///
    /// Nothing is settled about a failure here: it may be another lane's. The lane then writes alone, and what it meets is
    /// its own.
    /// - Returns: `nil` if the change has to be written alone. `repetition` then knows whether it may be committed already.
    func performTogether(
        _ change: LaneChange, _ decision: Handler.Decision, _ repetition: inout Repetition
    ) async throws -> LaneOutcome? {
        guard change.isShareable, !leftInDoubt.read({ $0 }), isSociable() else { return nil }
        let asked = context.clock.uptime
        let state = state
        let acknowledged = relay.deletable
        let part = GroupCommit<Handler.Decision>.Part(
            advance: LaneAdvance(
                claim: state.claim, offsets: change.steps, streams: change.streams, acknowledgedSequence: acknowledged),
            state: state, decision: decision)
        context.progress.attempted()
        context.progress.at(.database, lane: number)
        defer { context.progress.spent(context.clock.uptime - asked, .database) }
        do {
            let outcome = try await context.together.commit(part) { parts in
                try await context.write(parts, width: width)
            }
            relay.deleted(through: acknowledged)
            believe { $0.apply(change, outcome) }
            relay.add(outcome.outbox)
            return outcome
        } catch {
            try Task.checkCancellation()
            switch (error as? any Disposed)?.disposition {
            case .deadLetter, .conflict: aloneFor.update { $0 = Self.batchesAlone }
            case .retry, .halt, nil: repetition.inDoubt = !(error is LaneRefused)
            }
            return nil
        }
    }

    private func isSociable() -> Bool {
        aloneFor.update { left in
            guard left > 0 else { return true }
            left -= 1
            return false
        }
    }
}

extension LaneChange {
    /// Moves offsets and nothing else that needs a place of its own in the transaction.
    fileprivate var isShareable: Bool {
        movesOffsets && deadLetters.isEmpty && parking.isEmpty && detours.isEmpty && settlement == nil
            && configuration == nil
    }
}

extension WorkerContext {
    /// Writes what several lanes have decided, in one transaction.
    /// - Returns: what became of each.
    fileprivate func write(
        _ parts: [GroupCommit<Handler.Decision>.Part], width: Int32
    ) async throws -> [LaneOutcome] {
        try await store.transaction(together: parts.map(\.advance)) { transaction in
            let effects = try await handler.apply(
                parts.map { LaneDecision(lane: $0.lane, decision: $0.decision) }, in: transaction,
                context: ApplyContext(
                    lane: parts[0].lane, laneCount: width, attempt: 1, mayConflict: false,
                    nowMilliseconds: clock.nowMilliseconds))
            var outcomes: [LaneOutcome] = []
            var derived: [OutgoingBatch] = []
            for (part, effects) in zip(parts, effects) {
                let entries = part.state.entries(for: effects.outbox)
                if !entries.isEmpty { try await store.append(entries, lane: part.lane, in: transaction) }
                if !effects.deadLetters.isEmpty {
                    try await store.insert(stamped(effects.deadLetters), lane: part.lane, in: transaction)
                }
                let numbered = try DerivedNumbering.number(effects.derived, bases: part.state.offsets)
                if !numbered.isEmpty { derived.append(numbered) }
                outcomes.append(
                    LaneOutcome(
                        outbox: entries, deadLetters: effects.deadLetters.count, derived: numbered.count))
            }
            if !derived.isEmpty { try await publish(derived) }
            return outcomes
        }
    }

    func stamped(_ letters: [DeadLetter]) -> [DeadLetter] {
        letters.map { letter in
            var letter = letter
            letter.ruleVersion = letter.ruleVersion ?? handler.ruleVersion(of: letter.record)
            return letter
        }
    }
}
