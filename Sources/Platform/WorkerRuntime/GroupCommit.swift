/// Small batches of several lanes, committed in one transaction.
///
/// A transaction has a price that hardly depends on how much it writes. While one is under way the batches of other lanes
/// gather, and the next takes all of them: what comes alone is written at once, and the more comes, the more is written
/// together. Under load the lanes that have just been written get a moment to bring what has come meanwhile; else they would
/// always miss the next transaction, and only half of the lanes would share one. One of the lanes leads: it writes for all.
final class GroupCommit<Decision: Sendable>: Sendable {
    /// What one lane brings.
    struct Part: Sendable {
        var advance: LaneAdvance
        /// The lane as its owner believes it to be stored.
        var state: LaneState
        var decision: Decision

        var lane: Int32 { advance.claim.lane }
    }

    typealias Outcome = Result<LaneOutcome, any Error>

    private struct State {
        var waiting: [(id: UInt64, part: Part)] = []
        /// Parts that a leader is writing.
        var underWay: Set<UInt64> = []
        var outcomes: [UInt64: Outcome] = [:]
        var isLed = false
        /// When the last transaction ended.
        var ended: Duration?
        var lastID: UInt64 = 0

        mutating func take(_ maximumCount: Int) -> [(id: UInt64, part: Part)] {
            let taken = Array(waiting.prefix(maximumCount))
            waiting.removeFirst(taken.count)
            underWay.formUnion(taken.map(\.id))
            return taken
        }

        /// Whoever has left meanwhile is told nothing.
        mutating func settle(_ id: UInt64, _ outcome: Outcome) {
            if underWay.remove(id) != nil { outcomes[id] = outcome }
        }

        mutating func leave(_ id: UInt64) {
            waiting.removeAll { $0.id == id }
            underWay.remove(id)
            outcomes[id] = nil
        }
    }

    private enum Turn {
        case leads
        case settled(Outcome)
    }

    private let maximumCount: Int
    private let gathering: Duration
    private let transactions: AsyncSemaphore
    private let clock: any RuntimeClock
    private let state = Watched(State())

    /// - Parameters:
    ///   - maximumCount: parts in one transaction.
    ///   - gathering: the least time from the end of a transaction to the beginning of the next.
    ///   - transactions: bounds all transactions of the worker.
    init(maximumCount: Int, gathering: Duration, transactions: AsyncSemaphore, clock: any RuntimeClock) {
        self.maximumCount = max(1, maximumCount)
        self.gathering = gathering
        self.clock = clock
        self.transactions = transactions
    }

    /// Commits the part together with others.
    ///
    /// - Parameter write: writes parts in one transaction, in order of their lanes, and returns what became of each. Not
    ///   every caller's is called.
    /// - Throws: what `write` threw, whichever lane called it; then nothing is known of the commit that the error does not
    ///   say. `CancellationError`.
    func commit(_ part: Part, _ write: ([Part]) async throws -> [LaneOutcome]) async throws -> LaneOutcome {
        let id = state.update { state in
            state.lastID += 1
            state.waiting.append((state.lastID, part))
            return state.lastID
        }
        do {
            let turn = try await state.wait { state -> Turn? in
                if let outcome = state.outcomes.removeValue(forKey: id) { return .settled(outcome) }
                guard !state.isLed, state.waiting.first?.id == id else { return nil }
                state.isLed = true
                return .leads
            }
            if case .settled(let outcome) = turn { return try outcome.get() }
        } catch {
            state.update { $0.leave(id) }
            throw error
        }
        defer {
            state.update { state in
                state.leave(id)
                state.isLed = false
                state.ended = clock.uptime
            }
        }
        if let ended = state.read({ $0.ended }), case let rest = ended + gathering - clock.uptime, rest > .zero {
            try await clock.sleep(for: rest)
        }
        return try await lead(id, write)
    }

    private func lead(_ id: UInt64, _ write: ([Part]) async throws -> [LaneOutcome]) async throws -> LaneOutcome {
        try await transactions.withPermit {
            // Only now: the longer the permit took, the more have gathered. The leader's own part is the first.
            let taken = state.update { $0.take(maximumCount) }.sorted { $0.part.lane < $1.part.lane }
            let outcomes: [Outcome]
            do {
                outcomes = try await write(taken.map(\.part)).map { .success($0) }
            } catch {
                outcomes = taken.map { _ in .failure(error) }
            }
            var own: Outcome = .failure(CancellationError())
            for (entry, outcome) in zip(taken, outcomes) where entry.id == id { own = outcome }
            state.update { state in
                for (entry, outcome) in zip(taken, outcomes) where entry.id != id { state.settle(entry.id, outcome) }
            }
            return try own.get()
        }
    }
}
