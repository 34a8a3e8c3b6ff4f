import WorkerRuntime

/// What a transaction goes through, and what goes wrong with it.
extension SimulatedStore {
    static let broken = StoreFailure("connection broken", .retry)

    func reach() async throws {
        try await process.cross()
        if database.state.read({ $0.isAway }) { throw StoreFailure("database away", .retry) }
    }

    /// Begins a transaction with the lane's lock, or takes the lock in one that has begun.
    func lock(_ lane: Int32, terminating: Bool, joining first: Int? = nil) async throws -> Int {
        let process = process.id
        while true {
            // Mostly the lock is free, and nobody waits.
            if let id = database.state.update({ $0.begin(lane, process: process, joining: first) }) { return id }
            let begun = Watched<Int?>(nil)
            do {
                _ = try await simulation.limiting(to: .seconds(2)) {
                    let id = try await self.database.state.wait {
                        $0.begin(lane, process: process, joining: first)
                    }
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
                defer { state.end(holder) }
                return state.open[holder]?.process
            }
            if let ended {
                simulation.tell("\(database.name): process \(process) ends the session of process \(ended)")
            }
        }
    }

    func check(_ advance: LaneAdvance, _ id: Int) throws {
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

    func commit(_ id: Int) throws {
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
    func abandon(_ id: Int) {
        let lingers = process.isDead && simulation.chance(50)
        database.state.update { state in
            guard let open = state.open[id], open.orphan == nil else { return }
            if lingers { state.open[id]?.orphan = .rollsBack } else { state.end(id) }
        }
    }
}
