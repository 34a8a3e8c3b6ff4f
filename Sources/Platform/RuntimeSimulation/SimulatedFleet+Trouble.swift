import Records
import WorkerRuntime

/// What goes wrong.
extension SimulatedFleet {
    /// Brings records to the door, some of them twice, some of them bad.
    func produce() async {
        for number in 1...scenario.records {
            await simulation.pass(.milliseconds(simulation.pick(800)))
            let lane = Int32(simulation.pick(Int(scenario.partitions)))
            let kind = ["m", "m", "m", "m", "m", "t", "t", "t", "m", "t"][simulation.pick(10)]
            let bad = ["x", "p", "q"][simulation.pick(3)]
            let isBad = simulation.chance(6)
            bring("\(isBad ? bad : kind):\(number)", to: lane)
            if !isBad, kind == "m", simulation.chance(25) {
                bring("m:\(number)", to: (lane + 1) % scenario.partitions)
            }
        }
        produced.update { $0.isComplete = true }
    }

    private func bring(_ value: String, to lane: Int32) {
        let key = "k\(lane).\(simulation.pick(3))"
        log.append(
            OutgoingRecord(topic: Self.raw, partition: lane, key: Array(key.utf8), value: Array(value.utf8)))
        produced.update { $0.brought(value, lane: lane, key: key) }
    }

    func makeTrouble() async {
        let faults = SimulatedDatabase.Faults(lostRequest: 4, lostAnswer: 5, lateCommit: 3)
        door.setFaults(faults)
        behind.setFaults(faults)
        for _ in 0..<scenario.troubles {
            await simulation.pass(.milliseconds(simulation.pick(4_000)))
            let slot = simulation.pick(4)
            guard let process = slots.read({ $0[slot]?.process }) else { continue }
            switch simulation.pick(8) {
            case 0, 1:
                note(trouble: "process \(process.id) in slot \(slot) dies")
                process.kill()
                log.breakProducer(process.id)
            case 2, 3:
                note(trouble: "process \(process.id) in slot \(slot) freezes")
                process.freeze()
                if simulation.chance(30) { await simulation.pass(.seconds(simulation.pick(12))) }
            case 4:
                note(trouble: "process \(process.id) in slot \(slot) thaws")
                process.thaw()
            case 5:
                note(trouble: "producer of process \(process.id) fails")
                log.breakProducer(process.id)
            case 6:
                let database = slot < 2 ? door : behind
                note(trouble: "database of slot \(slot) goes away")
                database.setAway(true)
                await simulation.pass(.seconds(simulation.pick(8)))
                database.setAway(false)
            default:
                note(trouble: "broker goes away")
                log.setAway(true)
                await simulation.pass(.seconds(simulation.pick(9)))
                log.setAway(false)
            }
        }
    }

    /// Nothing more goes wrong, and those who stood still go on.
    func heal() async {
        note(trouble: "the world heals")
        door.setFaults(.init())
        behind.setFaults(.init())
        for slot in occupants { slot.process.thaw() }
        phase.update { $0 = .healing }
    }

    /// - Returns: false when it takes too long.
    func waitUntilDone() async -> Bool {
        for _ in 0..<300 {
            await simulation.pass(.seconds(1))
            if isDone { return true }
        }
        return false
    }

    private var isDone: Bool {
        produced.read { $0.isComplete } && !log.hasShipments && isSettled(door, [Self.raw])
            && isSettled(behind, [Self.derived, Self.decisions])
            && (0..<scenario.partitions).allSatisfy { door.tables.counters[$0, default: 0] >= 5 }
    }

    private func isSettled(_ database: SimulatedDatabase, _ topics: [String]) -> Bool {
        let lanes = database.lanes
        return (0..<scenario.partitions).allSatisfy { number in
            guard let lane = lanes[number], lane.outbox.isEmpty else { return false }
            return topics.allSatisfy {
                lane.offsets[$0]?.next == Int64(log.records(of: $0)[Int(number)].count)
            }
        }
    }

    // MARK: Membership

    /// Hands out lanes for ever: whenever a group's members change, and in troubled times also without reason and to two
    /// members at once.
    func assign() async {
        var known: [[Int]] = [[], []]
        var lastPhase = Phase.troubled
        while !Task.isCancelled {
            await simulation.pass(.milliseconds(700))
            let now = phase.read { $0 }
            let isOver = now == .stopping
            if isOver { return }
            for (group, range) in [Self.slotsOfDoor, Self.slotsBehind].enumerated() {
                let members = slots.read { slots in
                    range.compactMap { slots[$0] }.filter { $0.process.isRunning }.map(\.member)
                }
                let isWhim = now == .troubled && simulation.chance(4)
                guard members != known[group] || isWhim || lastPhase != now else { continue }
                known[group] = members
                handOut(group == 0 ? [Self.raw] : [Self.derived, Self.decisions], to: members, twice: now == .troubled)
            }
            lastPhase = now
        }
    }

    private func handOut(_ topics: [String], to members: [Int], twice: Bool) {
        guard !members.isEmpty else { return }
        var shares: [Int: [TopicPartition]] = [:]
        let shift = simulation.pick(2)
        for lane in 0..<scenario.partitions {
            let partitions = topics.map { TopicPartition(topic: $0, partition: lane) }
            for (index, member) in members.enumerated() {
                let isOwner = (Int(lane) + shift) % members.count == index
                if isOwner || (twice && simulation.chance(25)) { shares[member, default: []] += partitions }
            }
        }
        for member in members {
            if twice, simulation.chance(10) { log.expel(member) }
            log.assign(shares[member] ?? [], to: member)
        }
    }
}
