import Logging
import Records

/// What operators ask of the lane's owner: parking and unparking keys, redriving and discarding dead letters.
///
/// Requests are rows of the store. They and the batches take turns, so that a batch never looks at what is parked while
/// that changes.
extension Lane {
    /// Executes requests whenever some are known to wait, until `stop` fires.
    func serveRequests() async throws {
        do {
            while !stop.isFired {
                try await requested.wait { $0 ? () : nil }
                // What is redriven adds to the outbox, as batches do.
                _ = try await stop.interrupting { try await self.relay.waitForRoom() }
                try await intake.withPermit {
                    try await context.batches.withPermit {
                        if stop.isFired { return }
                        if try await serveNext() { requested.update { $0 = false } }
                    }
                }
            }
        } catch is BatchDiscarded {
            context.logger.notice("request left to the next owner while draining", metadata: ["lane": "\(number)"])
        }
    }

    /// - Returns: whether nothing waits any more.
    private func serveNext() async throws -> Bool {
        let passed = state.passedKeys
        if !passed.isEmpty { return try await forget(passed) }
        let limits = context.limits
        let requests = try await reading { store in
            try await store.requests(
                of: self.number, maximumCount: limits.redriveRecords, maximumBytes: limits.batchBytes)
        }
        guard let first = requests.first else { return true }
        switch first.action {
        case .park(let key):
            try await answer(first.id, .done, parking: Parking(keys: [key], held: true))
        case .unpark(let key):
            try await unpark(key, for: first.id)
        case .discard:
            try await discard(requests)
        case .redrive:
            try await redrive(requests)
        }
        return false
    }

    private func answer(
        _ request: Int64, _ outcome: RequestOutcome, parking: Parking = Parking(),
        _ adjust: (inout Settlement) -> Void = { _ in }
    ) async throws {
        var settlement = Settlement()
        settlement.answers = [.init(request: request, outcome: outcome)]
        adjust(&settlement)
        try await perform(LaneChange(settlement, parking: parking)) { _, _ in .none }
    }

    /// Reads what only the lane's owner changes, so no transaction is needed.
    private func reading<Value: Sendable>(_ read: @escaping @Sendable (Store) async throws -> Value) async throws
        -> Value
    {
        let store = context.store
        let value = try await context.retrying(.store, stop: stop, announce: { self.announce($0, .session) }) {
            try await read(store)
        }
        guard let value else { throw BatchDiscarded() }
        return value
    }

    // MARK: Keys

    /// Processes some of what waits behind the key. Nothing waits any more: the key goes on.
    private func unpark(_ key: [UInt8], for request: Int64) async throws {
        let state = state
        guard state.parked[key]?.waits == true else { return try await answer(request, .gone) }
        let limits = context.limits
        let waiting = try await reading { store in
            try await store.parkedRecords(
                behind: key, lane: self.number, maximumCount: limits.redriveRecords, maximumBytes: limits.batchBytes)
        }
        if waiting.isEmpty {
            return try await answer(request, .done) { settlement in
                settlement.key = key
                settlement.leavesAt = state.offsets.mapValues { $0.next + limits.offsetsOfBatch }
            }
        }
        try await redrive(
            waiting.map { Redriven(record: $0.record, origin: .parked(id: $0.id, key: key, request: request)) })
    }

    /// Treats keys that left their parking long enough ago like any other.
    /// - Returns: `false`, or `true` when it must wait for the broker and is left for later.
    private func forget(_ keys: Set<[UInt8]>) async throws -> Bool {
        // What went out by the outbox must not be overtaken by what is derived from later records.
        if context.protections.flushesBeforeForgetting {
            guard try await isFlushed() else { return true }
        }
        var settlement = Settlement()
        settlement.forgotten = keys
        try await perform(LaneChange(settlement)) { _, _ in .none }
        return false
    }

    /// Waits until the outbox is acknowledged, but not for long: batches wait meanwhile.
    private func isFlushed() async throws -> Bool {
        let flushed: Void?? = try await stop.interrupting {
            try await self.context.clock.limiting(to: self.context.limits.handOver) {
                try await self.relay.waitUntilAcknowledged()
            }
        }
        guard let flushed else { throw BatchDiscarded() }
        return flushed != nil
    }

    // MARK: Dead letters

    private func discard(_ requests: [LaneRequest]) async throws {
        var settlement = Settlement()
        for request in requests {
            guard case .discard(let stored) = request.action else { break }
            // Asked for twice: the second time it will be gone.
            if let stored, settlement.removedLetters.contains(stored.id) { break }
            settlement.answers.append(.init(request: request.id, outcome: stored == nil ? .gone : .done))
            guard let stored else { continue }
            settlement.removedLetters.append(stored.id)
            if let key = stored.letter.key, state.parked[key]?.waitsBehindLetters == true {
                settlement.releases[key] = request.id
            }
        }
        try await perform(LaneChange(settlement)) { _, _ in .none }
    }

    private func redrive(_ requests: [LaneRequest]) async throws {
        var gone = Settlement()
        gone.answers = Redriven.gone(requests)
        if !gone.answers.isEmpty { try await perform(LaneChange(gone)) { _, _ in .none } }
        try await redrive(Redriven.letters(requests))
    }

    /// Processes records again in one transaction; if one of them is poison, in as many as it takes to find it, in order.
    private func redrive(_ records: [Redriven]) async throws {
        var rest = records[...]
        var size = rest.count
        var course = RedriveCourse()
        while !rest.isEmpty, !course.isStopped {
            let part = rest.prefix(size)
            let plan = RedrivePlan<Handler>(part, course, state, context.handler, key: key(of:))
            do {
                let decision = try await decide(plan.items, since: context.clock.uptime)
                try await commit(plan.settlement, plan.deadLetters, outgoing: plan.outgoing, decision)
                course = plan.course
                rest = rest.dropFirst(plan.count)
                size = rest.count
            } catch let poison as Poisoned {
                if plan.count > 1 {
                    size = plan.count / 2
                } else if let only = part.first {
                    let failure = RedrivePlan<Handler>(
                        failing: only, poison, course, context.handler,
                        key: plan.items.first.flatMap { key(of: $0.event) })
                    do {
                        try await commit(failure.settlement, failure.deadLetters, outgoing: [], nil)
                    } catch let error as Poisoned {
                        throw RuntimeHalt("lane \(number): a redriven record cannot be put back: \(error.detail)")
                    }
                    course = failure.course
                    rest = rest.dropFirst()
                    size = rest.count
                }
            }
        }
    }

    private func commit(
        _ settlement: Settlement, _ deadLetters: [DeadLetter], outgoing: [OutgoingRecord],
        _ decision: Handler.Decision?
    ) async throws {
        let handler = context.handler
        let outcome = try await perform(LaneChange(settlement, deadLetters: deadLetters)) { transaction, context in
            var effects = Effects.none
            if let decision { effects = try await handler.apply(decision, in: transaction, context: context) }
            effects.outbox = outgoing + effects.outbox
            return effects
        }
        context.progress.redriven(settlement, deadLetters: outcome.deadLetters, outbox: outcome.outbox.count)
    }
}
