import Records
import WorkerRuntime

/// An open transaction; after its end every use throws.
package struct SimulatedTransaction: Sendable {
    let database: SimulatedDatabase
    let process: SimulatedProcess
    let id: Int

    /// - Parameter lane: whose row is changed; `nil` for what belongs to no lane.
    func write<Value: Sendable>(
        lane: Int32? = nil, _ change: @Sendable (inout SimulatedDatabase.Open) throws -> Value
    ) async throws -> Value {
        try await process.cross()
        return try database.state.update { state -> Result<Value, any Error> in
            let part = lane.map { state.part(of: id, lane: $0) ?? 0 } ?? id
            guard var open = state.open[part] else { return .failure(SimulatedStore.broken) }
            return Result {
                let value = try change(&open)
                state.open[part] = open
                return value
            }
        }.get()
    }

    /// Inserts unique ids, waiting for other transactions that have inserted the same.
    /// - Returns: those that were not there.
    package func insert(ids: [String], toleratingConflicts: Bool) async throws -> Set<String> {
        try await process.cross()
        let id = id
        let insert: @Sendable (inout SimulatedDatabase.State) -> Result<Set<String>, StoreFailure>? = { state in
            guard let own = state.open[id]?.ids else { return .failure(SimulatedStore.broken) }
            if ids.isEmpty { return .success([]) }
            let wanted = Set(ids)
            if state.open.contains(where: { $0.key != id && !$0.value.ids.isDisjoint(with: wanted) }) { return nil }
            // Its own are there as well: lanes that share it may bring the same.
            let new = wanted.subtracting(state.tables.ids).subtracting(own)
            guard toleratingConflicts || new.count == wanted.count else {
                return .failure(StoreFailure("unique id met", .conflict))
            }
            state.open[id]?.ids.formUnion(new)
            return .success(new)
        }
        // Mostly nobody else has inserted them, and nobody waits.
        var answer = database.state.update { insert(&$0) }
        if answer == nil {
            answer = try await database.simulation.limiting(to: .seconds(1)) {
                try await self.database.state.wait(for: insert)
            }
        }
        try await process.cross()
        guard let answer else { throw StoreFailure("deadlock", .retry) }
        return try answer.get()
    }

    /// - Parameter version: of the rules that decided these effects.
    package func append(toJournal entries: [String], version: Int? = nil) async throws {
        try await write { open in
            open.journal += entries
            if let version { for entry in entries { open.versions[entry] = version } }
        }
    }

    /// Counts up and returns the new count.
    package func increment(counter: Int32) async throws -> Int {
        let before = database.state.read { $0.tables.counters[counter, default: 0] }
        try await write { $0.counters[counter] = before + 1 }
        return before + 1
    }
}
