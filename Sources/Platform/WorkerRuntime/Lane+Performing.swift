/// A transaction repeated until it is known what became of it.
extension Lane {
    /// What is remembered between the attempts at one change.
    struct Repetition {
        var attempts = 0
        var unknown = 0
        var mayConflict = false
        /// An earlier attempt may have been committed although its answer was lost.
        var inDoubt = false
        /// Outbox entries of the last attempt in doubt.
        var appendedInDoubt = 0
        var backoff: Backoff
    }

    enum Verdict {
        case again
        /// The attempt in doubt had been committed.
        case applied
    }

    /// Performs the change in the lane's serial queue, through failures of the world.
    ///
    /// A batch is never applied twice: its compare-and-set finds a repetition. Work beside the batches moves no offset;
    /// there, a commit in doubt is recognised by what a settlement takes out of the store, or by the outbox's numbers if
    /// it appended entries, and else `body` may be committed twice.
    /// - Parameter decision: of a batch that may be written together with those of other lanes; `nil` writes alone.
    /// - Throws: ``LaneLost``, ``Poisoned`` (batches and settlements), ``BatchDiscarded``, `CancellationError`, or what stops the
    ///   worker; for work beside the batches also whatever `body` throws that isn't the world's fault.
    @discardableResult
    func perform(
        _ change: LaneChange, sharing decision: Handler.Decision? = nil, _ body: Body
    ) async throws -> LaneOutcome {
        let asked = context.clock.uptime
        if change.movesOffsets { context.progress.at(.turn, lane: number) }
        return try await queue.withPermit {
            context.progress.spent(context.clock.uptime - asked, .waiting)
            var repetition = Repetition(backoff: Backoff(context.limits.retryPause))
            let activity = change.movesOffsets ? WorkerStatus.Activity.batches : .session
            if let decision, let outcome = try await performTogether(change, decision, &repetition) {
                announce(nil, activity)
                return outcome
            }
            while true {
                repetition.attempts += 1
                context.progress.attempted()
                var appended = 0
                do {
                    let outcome = try await attempt(
                        change,
                        ApplyContext(
                            lane: number, laneCount: width, attempt: repetition.attempts,
                            mayConflict: repetition.mayConflict, nowMilliseconds: context.clock.nowMilliseconds),
                        appendedInDoubt: repetition.appendedInDoubt, appended: &appended, body)
                    announce(nil, activity)
                    believe { $0.apply(change, outcome) }
                    leftInDoubt.update { $0 = false }
                    relay.add(outcome.outbox)
                    return outcome
                } catch {
                    // Known before anybody else gets the queue.
                    defer { if repetition.appendedInDoubt > 0 { leftInDoubt.update { $0 = true } } }
                    let verdict = try await overcome(error, change, appended, &repetition, activity)
                    if case .applied = verdict {
                        announce(nil, activity)
                        return LaneOutcome()
                    }
                }
            }
        }
    }

    /// Decides what a failure means, waits if it must, or throws.
    private func overcome(
        _ error: any Error, _ change: LaneChange, _ appended: Int, _ repetition: inout Repetition,
        _ activity: WorkerStatus.Activity
    ) async throws -> Verdict {
        if error is CancellationError { throw error }
        if error is LaneRefused { return try await resolve(change, repetition) }
        if error is AlreadyApplied {
            let stored = try await read()
            // Somebody may have taken the lane since: its state is not ours to believe.
            guard stored.claim == state.claim else { throw LaneLost(lane: number) }
            adopt(stored)
            return .applied
        }
        if let late = error as? DerivedLate {
            try await wait(for: late, &repetition.backoff, activity)
            return .again
        }
        switch (error as? any Disposed)?.disposition {
        case .retry:
            repetition.inDoubt = true
            // An attempt that got as far as appending held the lock, so the one before it had come to nothing.
            if appended > 0, !change.movesOffsets { repetition.appendedInDoubt = appended }
            if stop.isFired { throw BatchDiscarded() }
            announce(Self.wait(for: error), activity)
        case .halt: throw error
        case .deadLetter where change.settlesRecords:
            throw Poisoned(error, reason: "rejected", attempts: repetition.attempts)
        case .conflict where change.settlesRecords && !repetition.mayConflict:
            repetition.mayConflict = true
            return .again
        case .deadLetter, .conflict, nil:
            repetition.unknown += 1
            guard change.settlesRecords else { throw error }
            if repetition.unknown >= context.limits.attemptsOfUnknown {
                // A request would meet the next process too; the dead letter it is about stays.
                guard change.settlement == nil else {
                    throw Poisoned(error, reason: "unknown_error", attempts: repetition.attempts)
                }
                throw error
            }
        }
        try await context.clock.sleep(for: repetition.backoff.pause(random: context.clock.random()), unless: stop)
        if stop.isFired { throw BatchDiscarded() }
        return .again
    }

    /// Waits, outside any transaction, until the broker has what it was late with.
    private func wait(
        for late: DerivedLate, _ backoff: inout Backoff, _ activity: WorkerStatus.Activity
    ) async throws {
        announce(
            context.publisher.isReachable
                ? .stalled(.peer, reason: late.description) : .waitingForLog(reason: late.description), activity)
        var isDelivered = false
        if let publication = late.publication {
            do {
                isDelivered = try await stop.interrupting { try await publication.acknowledged() } != nil
            } catch let error as any Disposed where error.disposition == .retry {
                announce(.waitingForLog(reason: describe(error)), activity)
            }
        }
        if !isDelivered {
            try await context.clock.sleep(for: backoff.pause(random: context.clock.random()), unless: stop)
        }
        if stop.isFired { throw BatchDiscarded() }
    }

    private static func wait(for error: any Error) -> WorkerStatus.State {
        if (error as? any Disposed)?.isContention == true { return .stalled(.lock, reason: describe(error)) }
        return error is LogFailure ? .waitingForLog(reason: describe(error)) : .waitingForStore(reason: describe(error))
    }

    // MARK: What became of it

    /// A refusal is a question: reads the lane and answers it.
    private func resolve(_ change: LaneChange, _ repetition: Repetition) async throws -> Verdict {
        context.progress.compareAndSetRefused()
        let before = state
        let stored = try await read()
        if stored.claim.epoch > before.claim.epoch { throw LaneLost(lane: number) }
        let isMine = stored.claim.epoch == before.claim.epoch
        if isMine, repetition.inDoubt, change.movesOffsets, stored.hasOffsets(of: before, with: change) {
            adopt(stored)
            return .applied
        }
        if isMine, leftInDoubt.read({ $0 }), stored.nextSequence > before.nextSequence,
            stored.offsets == before.offsets
        {
            // What was given up in doubt has been committed after all.
            adopt(stored)
            return .again
        }
        throw RuntimeHalt(
            "lane \(number) was refused although its epoch is ours (\(before.claim.epoch)): stored offsets "
                + "\(Self.list(stored)), next number \(stored.nextSequence); expected \(Self.list(before)), "
                + "\(before.nextSequence). Somebody else wrote to the runtime's tables")
    }

    private func adopt(_ stored: LaneState) {
        believe { $0 = stored.withoutOutbox }
        relay.add(stored.outbox)
    }

    private func read() async throws -> LaneState {
        let stored = try await context.retrying(.store, stop: stop, announce: { self.announce($0, .batches) }) {
            try await self.context.store.read(self.number)
        }
        guard let stored else { throw BatchDiscarded() }
        return stored
    }

    private static func list(_ state: LaneState) -> String {
        state.offsets.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.next)" }.joined(separator: ", ")
    }
}
