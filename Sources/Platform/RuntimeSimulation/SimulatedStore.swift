import Records
package import WorkerRuntime

/// One process's connection to its schema.
package struct SimulatedStore: LaneStore {
    let database: SimulatedDatabase
    let process: SimulatedProcess
    private var simulation: Simulation { database.simulation }

    package init(_ database: SimulatedDatabase, process: SimulatedProcess) {
        self.database = database
        self.process = process
    }

    package func take(_ lanes: [Int32]) async throws -> [LaneState] {
        try await reach()
        var taken: [LaneState] = []
        for lane in lanes.sorted() {
            let id = try await lock(lane, terminating: true)
            taken.append(
                try database.state.update { state -> Result<LaneState, StoreFailure> in
                    guard state.open[id] != nil else { return .failure(Self.broken) }
                    state.open[id]?.row.claim.epoch += 1
                    state.commit(id)
                    return state.lanes[lane].map { .success($0) } ?? .failure(Self.broken)
                }.get())
        }
        if simulation.chance(database.faults.read { $0.lostAnswer }) { throw Self.broken }
        try await process.cross()
        return taken
    }

    package func read(_ lane: Int32) async throws -> LaneState {
        try await reach()
        let row = database.state.read { $0.lanes[lane] }
        try await process.cross()
        return row ?? LaneState(claim: LaneClaim(lane: lane, epoch: 0))
    }

    package func transaction<Result: Sendable>(
        _ advance: LaneAdvance, _ body: (SimulatedTransaction) async throws -> Result
    ) async throws -> Result {
        try await reach()
        let id = try await lock(advance.claim.lane, terminating: false)
        do {
            try await process.cross()
            try check(advance, id)
            let result = try await body(SimulatedTransaction(database: database, process: process, id: id))
            try await process.cross()
            try commit(id)
            try await process.cross()
            return result
        } catch {
            abandon(id)
            throw error
        }
    }

    package func append(
        _ entries: [OutboxEntry], lane: Int32, in transaction: SimulatedTransaction
    ) async throws {
        try await transaction.write { open in
            for entry in entries {
                guard entry.sequence == open.row.nextSequence else {
                    throw LaneRefused(lane: lane)
                }
                open.row.outbox.append(entry)
                open.row.nextSequence += 1
            }
        }
    }

    package func nextSequence(of lane: Int32, in transaction: SimulatedTransaction) async throws -> Int64 {
        try await transaction.write { $0.row.nextSequence }
    }

    package func putAside(
        _ sequence: Int64, lane: Int32, as deadLetter: DeadLetter, in transaction: SimulatedTransaction
    ) async throws {
        try await transaction.write { open in
            guard let index = open.row.outbox.firstIndex(where: { $0.sequence == sequence }) else { return }
            open.row.outbox.remove(at: index)
            open.changes.append(.keep([deadLetter], lane: lane))
        }
    }

    package func insert(
        _ deadLetters: [DeadLetter], lane: Int32, in transaction: SimulatedTransaction
    ) async throws {
        try await transaction.write { $0.changes.append(.keep(deadLetters, lane: lane)) }
    }

    // MARK: Steps

    static let broken = StoreFailure("connection broken", .retry)

    func reach() async throws {
        try await process.cross()
        if database.state.read({ $0.isAway }) { throw StoreFailure("database away", .retry) }
    }

    /// Begins a transaction with the lane's lock.
    private func lock(_ lane: Int32, terminating: Bool) async throws -> Int {
        let process = process.id
        while true {
            let id = try await simulation.limiting(to: .seconds(2)) {
                try await self.database.state.wait { state -> Int? in
                    guard state.holder(of: lane) == nil else { return nil }
                    state.nextID += 1
                    let row = state.lanes[lane] ?? LaneState(claim: LaneClaim(lane: lane, epoch: 0))
                    state.open[state.nextID] = .init(process: process, lane: lane, row: row)
                    return state.nextID
                }
            }
            if let id { return id }
            guard terminating else { throw StoreFailure("lock timed out", .retry) }
            database.state.update { state in
                if let holder = state.holder(of: lane) { state.open[holder] = nil }
            }
        }
    }

    private func check(_ advance: LaneAdvance, _ id: Int) throws {
        let comparesAndSets = database.comparesAndSets
        try database.state.update { state -> Swift.Result<Void, any Error> in
            guard var row = state.open[id]?.row else { return .failure(Self.broken) }
            let isAsBelieved =
                row.claim == advance.claim && advance.offsets.allSatisfy { row.offsets[$0.key]?.next == $0.value.from }
            guard isAsBelieved || !comparesAndSets else { return .failure(LaneRefused(lane: row.claim.lane)) }
            for (topic, step) in advance.offsets {
                let old = row.offsets[topic]
                row.offsets[topic] = LaneOffset(
                    next: step.to, base: old?.base ?? 0, clusterID: old?.clusterID ?? step.clusterID)
            }
            row.streams.merge(advance.streams) { max($0, $1) }
            if let acknowledged = advance.acknowledgedSequence {
                row.outbox.removeAll { $0.sequence <= acknowledged }
            }
            state.open[id]?.row = row
            return .success(())
        }.get()
    }

    private func commit(_ id: Int) throws {
        let faults = database.faults.read { $0 }
        let dice = simulation.pick(100)
        try database.state.update { state -> Swift.Result<Void, StoreFailure> in
            guard state.open[id] != nil else { return .failure(Self.broken) }
            if dice < faults.lostRequest { return .failure(Self.broken) }
            if dice < faults.lostRequest + faults.lateCommit {
                state.open[id]?.orphan = .commits
                return .failure(Self.broken)
            }
            state.commit(id)
            return dice < faults.lostRequest + faults.lateCommit + faults.lostAnswer
                ? .failure(Self.broken) : .success(())
        }.get()
    }

    /// Rolls back, at once or, if the process has died, when the server notices.
    private func abandon(_ id: Int) {
        let lingers = process.isDead && simulation.chance(50)
        database.state.update { state in
            guard let open = state.open[id], open.orphan == nil else { return }
            if lingers { state.open[id]?.orphan = .rollsBack } else { state.open[id] = nil }
        }
    }
}

/// An open transaction; after its end every use throws.
package struct SimulatedTransaction: Sendable {
    let database: SimulatedDatabase
    let process: SimulatedProcess
    let id: Int

    func write<Value: Sendable>(
        _ change: @Sendable (inout SimulatedDatabase.Open) throws -> Value
    ) async throws -> Value {
        try await process.cross()
        return try database.state.update { state -> Result<Value, any Error> in
            guard var open = state.open[id] else { return .failure(SimulatedStore.broken) }
            return Result {
                let value = try change(&open)
                state.open[id] = open
                return value
            }
        }.get()
    }

    /// Inserts unique ids, waiting for other transactions that have inserted the same.
    /// - Returns: those that were not there.
    package func insert(ids: [String], toleratingConflicts: Bool) async throws -> Set<String> {
        try await process.cross()
        let id = id
        let answer = try await database.simulation.limiting(to: .seconds(1)) {
            try await database.state.wait { state -> Result<Set<String>, StoreFailure>? in
                guard state.open[id] != nil else { return .failure(SimulatedStore.broken) }
                let wanted = Set(ids)
                if state.open.contains(where: { $0.key != id && !$0.value.ids.isDisjoint(with: wanted) }) { return nil }
                let new = wanted.subtracting(state.tables.ids)
                guard toleratingConflicts || new.count == wanted.count else {
                    return .failure(StoreFailure("unique id met", .conflict))
                }
                state.open[id]?.ids.formUnion(new)
                return .success(new)
            }
        }
        try await process.cross()
        guard let answer else { throw StoreFailure("deadlock", .retry) }
        return try answer.get()
    }

    package func append(toJournal entries: [String]) async throws {
        try await write { $0.journal += entries }
    }

    /// Counts up and returns the new count.
    package func increment(counter: Int32) async throws -> Int {
        let before = database.state.read { $0.tables.counters[counter, default: 0] }
        try await write { $0.counters[counter] = before + 1 }
        return before + 1
    }
}
