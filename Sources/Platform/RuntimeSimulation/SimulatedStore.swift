import Records
package import WorkerRuntime

/// One process's connection to its schema.
package struct SimulatedStore: LaneStore {
    let database: SimulatedDatabase
    let process: SimulatedProcess
    /// By lane: what this process last failed to do. Used only without ``Protection/rereadingTheLane``.
    private let refused = Watched<[Int32: LaneAdvance]>([:])
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
            let row = try database.state.update { state -> Result<LaneState, StoreFailure> in
                guard state.open[id] != nil else { return .failure(Self.broken) }
                state.open[id]?.row.claim.epoch += 1
                state.commit(id)
                return state.lanes[lane].map { .success($0) } ?? .failure(Self.broken)
            }.get()
            taken.append(row)
            simulation.tell(
                "\(database.name): process \(process.id) takes lane \(lane), epoch \(row.claim.epoch.story), at "
                    + "\(row.offsets.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.next)" })")
        }
        if simulation.chance(database.faults.read { $0.lostAnswer }) { throw Self.broken }
        try await process.cross()
        return taken
    }

    package func read(_ lane: Int32) async throws -> LaneState {
        try await reach()
        var row = database.state.read { $0.lanes[lane] } ?? LaneState(claim: LaneClaim(lane: lane, epoch: 0))
        if database.without.contains(.rereadingTheLane), let advance = refused.read({ $0[lane] }) {
            // What the caller hopes to hear.
            row.claim = advance.claim
            for (topic, step) in advance.offsets { row.offsets[topic]?.next = step.to }
            row.outbox = []
        }
        try await process.cross()
        return row
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
                open.decided.append(String(decoding: entry.record.value ?? [], as: UTF8.self))
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
            // Mostly the lock is free, and nobody waits.
            if let id = database.state.update({ $0.begin(lane, process: process) }) { return id }
            let begun = Watched<Int?>(nil)
            do {
                _ = try await simulation.limiting(to: .seconds(2)) {
                    let id = try await self.database.state.wait { $0.begin(lane, process: process) }
                    begun.update { $0 = id }
                }
            } catch {
                if let id = begun.read({ $0 }) { abandon(id) }
                throw error
            }
            // It may have begun at the very moment when time ran out.
            if let id = begun.read({ $0 }) { return id }
            guard terminating else { throw StoreFailure("lock timed out", .retry) }
            let ended = database.state.update { state -> Int? in
                guard let holder = state.holder(of: lane) else { return nil }
                return state.open.removeValue(forKey: holder)?.process
            }
            if let ended {
                simulation.tell("\(database.name): process \(process) ends the session of process \(ended)")
            }
        }
    }

    private func check(_ advance: LaneAdvance, _ id: Int) throws {
        let without = database.without
        let refusal = try database.state.update { state -> Swift.Result<LaneState?, any Error> in
            guard var row = state.open[id]?.row else { return .failure(Self.broken) }
            let isOwner = row.claim == advance.claim || without.contains(.epoch)
            let isThere =
                advance.offsets.allSatisfy { row.offsets[$0.key]?.next == $0.value.from }
                || without.contains(.compareAndSet)
            guard isOwner, isThere else { return .success(row) }
            for (topic, step) in advance.offsets {
                let old = row.offsets[topic]
                row.offsets[topic] = LaneOffset(
                    next: step.to, base: old?.base ?? 0, clusterID: old?.clusterID ?? step.clusterID, last: step.last)
            }
            row.streams.merge(advance.streams) { max($0, $1) }
            if let acknowledged = advance.acknowledgedSequence {
                row.outbox.removeAll { $0.sequence <= acknowledged }
            }
            state.open[id]?.row = row
            return .success(nil)
        }.get()
        guard let refusal else { return }
        simulation.tell(
            "\(database.name): process \(process.id) is refused in lane \(advance.claim.lane): epoch "
                + "\(advance.claim.epoch.story), now \(refusal.claim.epoch.story); offsets "
                + "\(advance.offsets.sorted { $0.key < $1.key }.map { $0.value.from ?? -1 }), now "
                + "\(refusal.offsets.sorted { $0.key < $1.key }.map(\.value.next))")
        if without.contains(.rereadingTheLane) { refused.update { $0[advance.claim.lane] = advance } }
        throw LaneRefused(lane: advance.claim.lane)
    }

    private func commit(_ id: Int) throws {
        let faults = database.faults.read { $0 }
        let dice = simulation.pick(100)
        enum Outcome {
            case broken(SimulatedDatabase.Open?, String)
            case committed(SimulatedDatabase.Open, answered: Bool)
        }
        let outcome = database.state.update { state -> Outcome in
            if dice < faults.lostRequest { return .broken(state.open[id], "its COMMIT is lost") }
            if dice < faults.lostRequest + faults.lateCommit {
                state.open[id]?.orphan = .commits
                return .broken(state.open[id], "its connection breaks and COMMIT comes late")
            }
            guard let transaction = state.commit(id) else { return .broken(nil, "") }
            return .committed(
                transaction, answered: dice >= faults.lostRequest + faults.lateCommit + faults.lostAnswer)
        }
        switch outcome {
        case .broken(let transaction, let reason):
            if let transaction {
                simulation.tell("\(database.name): process \(process.id), lane \(transaction.lane): \(reason)")
            }
            throw Self.broken
        case .committed(let transaction, let answered):
            database.tell(transaction, answered ? "" : "the answer is lost")
            if !answered { throw Self.broken }
        }
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
