import Records
package import WorkerRuntime

/// Parked keys and requests.
extension SimulatedStore {
    package func news(of claims: [LaneClaim]) async throws -> LaneNews {
        try await reach()
        let lanes = Set(claims.map(\.lane))
        let waiting = database.tables.waiting
        let stored = database.state.read { $0.lanes }
        return LaneNews(
            requested: Set(waiting.requests.lazy.filter { $0.answer == nil }.map(\.lane)).intersection(lanes),
            lost: Set(claims.lazy.filter { stored[$0.lane]?.claim != $0 }.map(\.lane)))
    }

    package func requests(of lane: Int32, maximumCount: Int, maximumBytes: Int) async throws -> [LaneRequest] {
        try await reach()
        let waiting = database.tables.waiting
        let all = waiting.requests.filter { $0.answer == nil && $0.lane == lane }.prefix(maximumCount).map { request in
            let action: LaneRequest.Action =
                switch request.action {
                case .redrive(let id): .redrive(waiting.stored(id))
                case .discard(let id): .discard(waiting.stored(id))
                case .park(let key): .park(key)
                case .unpark(let key): .unpark(key)
                }
            return LaneRequest(id: request.id, action: action)
        }
        var bytes = 0
        return all.prefix { request in
            switch request.action {
            case .redrive(let stored), .discard(let stored): bytes += stored?.letter.record.value?.count ?? 0
            case .park, .unpark: break
            }
            return bytes <= maximumBytes || request == all.first
        }
    }

    package func parkedRecords(
        behind key: [UInt8], lane: Int32, maximumCount: Int, maximumBytes: Int
    ) async throws -> [StoredRecord] {
        try await reach()
        let all = database.tables.waiting.parked.filter { $0.lane == lane && $0.parked.key == key }
        var bytes = 0
        return all.prefix(maximumCount).prefix { one in
            bytes += one.parked.record.byteCount
            return bytes <= maximumBytes || one.id == all.first?.id
        }.map { StoredRecord(id: $0.id, record: $0.parked.record) }
    }

    package func park(_ parking: Parking, lane: Int32, in transaction: SimulatedTransaction) async throws {
        try await transaction.write(lane: lane) { open in
            open.row.apply(parking)
            open.changes.append(.park(parking.records, lane: lane))
        }
    }

    package func settle(
        _ settlement: Settlement, lane: Int32, in transaction: SimulatedTransaction
    ) async throws -> Bool {
        let waiting = database.tables.waiting
        return try await transaction.write(lane: lane) { open in
            if waiting.isSettled(settlement) { return false }
            open.row.apply(settlement)
            open.changes.append(.settle(settlement, lane: lane))
            return true
        }
    }
}

extension SimulatedDatabase {
    /// What an operator does: asks the lane's owner for something.
    package func ask(_ action: WaitingRecords.Request.Action, lane: Int32) {
        state.update { $0.tables.waiting.ask(action, lane: lane) }
    }
}
