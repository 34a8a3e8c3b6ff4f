import Records
package import WorkerRuntime

/// One process's connection to its schema.
package struct SimulatedStore: LaneStore {
    let database: SimulatedDatabase
    let process: SimulatedProcess
    /// By lane: what this process last failed to do. Used only without ``Protection/rereadingTheLane``.
    let refused = Watched<[Int32: LaneAdvance]>([:])
    var simulation: Simulation { database.simulation }

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
        try await transaction(together: [advance], body)
    }

    package func transaction<Result: Sendable>(
        together advances: [LaneAdvance], _ body: (SimulatedTransaction) async throws -> Result
    ) async throws -> Result {
        try await reach()
        let id = try await lock(advances[0].claim.lane, terminating: false)
        do {
            try await process.cross()
            try check(advances[0], id)
            for advance in advances.dropFirst() {
                try check(advance, try await lock(advance.claim.lane, terminating: false, joining: id))
            }
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
        try await transaction.write(lane: lane) { open in
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
        try await transaction.write(lane: lane) { $0.row.nextSequence }
    }

    package func renumber(
        _ lane: Int32, under configuration: String, by step: Int64, in transaction: SimulatedTransaction
    ) async throws -> [String: Int64] {
        try await transaction.write(lane: lane) { open in
            open.row.configuration = configuration
            for topic in open.row.offsets.keys { open.row.offsets[topic]?.base += step }
            return open.row.offsets.mapValues(\.base)
        }
    }

    package func putAside(
        _ sequence: Int64, lane: Int32, as deadLetter: DeadLetter, in transaction: SimulatedTransaction
    ) async throws {
        try await transaction.write(lane: lane) { open in
            guard let index = open.row.outbox.firstIndex(where: { $0.sequence == sequence }) else { return }
            open.row.outbox.remove(at: index)
            open.changes.append(.keep([deadLetter], lane: lane))
        }
    }

    package func insert(
        _ deadLetters: [DeadLetter], lane: Int32, in transaction: SimulatedTransaction
    ) async throws {
        try await transaction.write(lane: lane) { $0.changes.append(.keep(deadLetters, lane: lane)) }
    }
}
