import Records
import WorkerRuntime

/// What the operator does.
extension SimulatedFleet {
    /// Parks and unparks, redrives, in vain or not, and asks for something just when a process dies.
    func operate(_ side: Side, _ process: SimulatedProcess) {
        let lane = Int32(simulation.pick(Int(scenario.partitions)))
        switch simulation.pick(6) {
        case 0:
            tell("everything of \(side) is redriven")
            redriveAll(side)
        case 1:
            tell("bad records are repaired, and everything of the door is redriven")
            isRepaired.update { $0 = true }
            redriveAll(.door)
        case 2:
            process.arm(after: simulation.pick(4), at: .published) {
                self.tell("process \(process.id) of \(side) dies, and a key is unparked")
                self.park(self.operatorsKey(in: lane), false, of: side, lane)
                self.stop(process)
            }
        default:
            let parks = simulation.chance(70)
            let key = operatorsKey(in: lane)
            tell("\(String(decoding: key, as: UTF8.self)) of \(side) is \(parks ? "parked" : "unparked")")
            park(key, parks, of: side, lane)
        }
    }

    /// - Parameter lane: where the key comes in at the door; what it causes may go through another one.
    private func park(_ key: [UInt8], _ parks: Bool, of side: Side, _ lane: Int32) {
        let lane = side == .door ? lane : SimulatedLog.State.partition(of: key, among: scenario.partitions)
        database(of: side).ask(parks ? .park(key) : .unpark(key), lane: lane)
    }

    /// Redrives and unparks what is left once the world has healed.
    func letGo() {
        for side in Side.allCases {
            redriveAll(side)
            for lane in database(of: side).lanes.values.sorted(by: { $0.claim.lane < $1.claim.lane }) {
                let held = lane.parked.filter(\.value.held).keys.sorted { $0.lexicographicallyPrecedes($1) }
                for key in held { database(of: side).ask(.unpark(key), lane: lane.claim.lane) }
            }
        }
    }

    /// A key of the records that come through a lane of the door. The operator parks one that has no bad records: whoever
    /// unparks a key lets it go on without its dead letters.
    func key(in lane: Int32, isBad: Bool) -> [UInt8] {
        let number = simulation.pick(isBad ? 2 : 3)
        return number == 2 ? operatorsKey(in: lane) : Array("k\(lane).\(number)".utf8)
    }

    private func operatorsKey(in lane: Int32) -> [UInt8] { Array("o\(lane)".utf8) }

    private func redriveAll(_ side: Side) {
        let database = database(of: side)
        for (id, lane) in database.tables.waiting.lettersByLane { database.ask(.redrive(letter: id), lane: lane) }
    }

    func stop(_ process: SimulatedProcess) {
        process.kill()
        log.breakProducer(process.id)
    }

    /// The operator takes a backup, and later stops the worker, restores it, resets the lanes and lets the worker start.
    /// A process that stands still can't be stopped and goes on later; sometimes one that runs is stopped only afterwards.
    func restore(_ side: Side) async {
        let database = database(of: side)
        let restores = oracle.restores(of: side)
        let latest = database.backup
        let first = backups.update { backups in
            backups[side] = backups[side] ?? latest
            return backups[side] ?? latest
        }
        // Two resets are never in the same second.
        await simulation.pass(.milliseconds(1_000 + simulation.pick(5_000)))
        // A backup of a time that was itself forgotten meanwhile is of no use.
        guard phase.read({ $0 == .troubled }), oracle.restores(of: side) == restores else { return }
        let backup = simulation.chance(50) ? first : latest
        tell("the database of \(side) is restored and its lanes are reset")
        let processes = places(of: side).compactMap { number in slots.read { $0[number]?.process } }
        let left = processes.filter { !$0.isRunning || simulation.chance(50) }
        for process in processes where !left.contains(where: { $0 === process }) { stop(process) }
        oracle.restored(side, from: database.tables, to: backup)
        database.restore(
            backup, lanes: scenario.partitions, topics: side.topics, clusterID: log.clusterID)
        guard !left.isEmpty else { return }
        await simulation.pass(.milliseconds(1_000 + simulation.pick(3_000)))
        for process in left where process.isRunning { stop(process) }
    }
}
