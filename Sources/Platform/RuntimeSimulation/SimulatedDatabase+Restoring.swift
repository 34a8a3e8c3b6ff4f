import WorkerRuntime

/// Going back to an earlier state, and what the operator does then.
extension SimulatedDatabase {
    package var backup: Backup { state.read { Backup(lanes: $0.lanes, tables: $0.tables) } }

    /// Puts everything back as it was and resets the lanes as `scrm lanes reset --offsets kept` does. Sessions end.
    /// - Parameters:
    ///   - lanes: how many there must be; those that the backup does not know are made.
    ///   - topics: where those begin that have not read anything.
    package func restore(_ backup: Backup, lanes count: Int32, topics: [String], clusterID: String) {
        let numbers = Numbers(now: simulation.uptime, without: without)
        state.update { state in
            state.open = [:]
            state.tables = backup.tables
            state.lanes = backup.lanes.mapValues(numbers.reset)
            guard numbers.makesLanes else { return }
            for lane in 0..<count {
                var row = state.lanes[lane] ?? numbers.lane(lane)
                if row.offsets.isEmpty { row.offsets = numbers.beginning(of: topics, clusterID: clusterID) }
                state.lanes[lane] = row
            }
        }
    }

    /// Numbers that are higher than all that were ever given, also those that the database has forgotten: they begin at
    /// the time of the reset, and nobody gives 2²² in a second.
    private struct Numbers {
        let now: Int64
        let without: Set<Protection>

        init(now: Duration, without: Set<Protection>) {
            self.now = (SimulatedDatabase.firstSecond + now.components.seconds) << 22
            self.without = without
        }

        var makesLanes: Bool { without.isDisjoint(with: [.sequenceJump, .jumpByTime]) }

        private func ahead(of highest: Int64) -> Int64 {
            now > highest && !without.contains(.jumpByTime) ? now : highest + 1 << 32
        }

        func reset(_ lane: LaneState) -> LaneState {
            var lane = lane
            lane.claim.epoch =
                without.contains(.epochJump) ? lane.claim.epoch + 1 : ahead(of: lane.claim.epoch)
            guard !without.contains(.sequenceJump) else { return lane }
            let jump = ahead(of: lane.nextSequence) - lane.nextSequence
            lane.nextSequence += jump
            for index in lane.outbox.indices { lane.outbox[index].sequence += jump }
            lane.offsets = lane.offsets.mapValues { offset in
                LaneOffset(next: offset.next, base: ahead(of: offset.base + offset.next), clusterID: offset.clusterID)
            }
            return lane
        }

        func lane(_ lane: Int32) -> LaneState {
            LaneState(claim: LaneClaim(lane: lane, epoch: now), nextSequence: now)
        }

        func beginning(of topics: [String], clusterID: String) -> [String: LaneOffset] {
            let offset = LaneOffset(next: 0, base: now, clusterID: clusterID)
            return Dictionary(uniqueKeysWithValues: topics.map { ($0, offset) })
        }
    }

    /// When the simulated world begins, in the seconds of the resets.
    static let firstSecond: Int64 = 50_000_000
}

extension Int64 {
    /// A number that may have jumped, short: the second of the reset and what came after.
    var story: String {
        // Derived numbers are 1024 times as high.
        let bits: Int64 = self >= SimulatedDatabase.firstSecond << 32 ? 32 : 22
        guard self >> bits >= 1_024 else { return "\(self)" }
        return "\((self >> bits) - SimulatedDatabase.firstSecond)s+\(self % (1 << bits))"
    }
}
