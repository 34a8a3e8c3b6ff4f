import Records
import WorkerRuntime

/// What goes wrong.
extension SimulatedFleet {
    /// Brings records to the door, some of them twice, some of them bad.
    func produce() async {
        let bad: [Character] = ["x", "p", "q"]
        for number in 1...scenario.records {
            await simulation.pass(.milliseconds(simulation.pick(1_000)))
            let lane = Int32(simulation.pick(Int(scenario.partitions)))
            let isBad = scenario.faults.contains(.poison) && simulation.chance(15)
            let kind: Character = isBad ? bad[simulation.pick(3)] : simulation.chance(70) ? "m" : "t"
            bring(kind, number, to: lane)
            // The same message through another lane, as two outside producers may.
            if kind == "m", simulation.chance(15) { bring(kind, number, to: (lane + 1) % scenario.partitions) }
        }
        oracle.completed()
    }

    private func bring(_ kind: Character, _ number: Int, to lane: Int32) {
        let key = key(in: lane, isBad: !"mt".contains(kind))
        oracle.brought(kind, number, lane: lane, key: String(decoding: key, as: UTF8.self))
        log.append(
            OutgoingRecord(
                topic: Self.raw, partition: lane, key: key, value: Array("\(kind):\(number)".utf8)))
    }

    func makeTrouble() async {
        let share = SimulatedDatabase.Faults(
            lostRequest: scenario.faults.contains(.lostRequests) ? 6 : 0,
            lostAnswer: scenario.faults.contains(.lostAnswers) ? (parks ? 20 : 6) : 0,
            lateCommit: scenario.faults.contains(.lateCommits) ? 4 : 0)
        for side in Side.allCases { database(of: side).setFaults(share) }
        log.setLate(percent: scenario.faults.contains(.lateDeliveries) ? 6 : 0)
        let faults = Fault.occasional.filter(scenario.faults.contains)
        guard !faults.isEmpty else { return await simulation.pass(.seconds(scenario.troubles)) }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<scenario.troubles {
                await simulation.pass(.milliseconds(simulation.pick(3_000)))
                let fault = faults[simulation.pick(faults.count)]
                let side = Side.allCases[simulation.pick(2)]
                let places = places(of: side)
                let number = places.lowerBound + simulation.pick(places.count)
                guard let slot = slots.read({ $0[number] }) else { continue }
                group.addTask { await self.suffer(fault, side, number, slot) }
            }
        }
    }

    /// Nothing more goes wrong, and those who stood still go on.
    func heal() async {
        simulation.tell("the world heals")
        phase.update { $0 = .healing }
        // What is redriven must be accepted in the end.
        if parks {
            isRepaired.update { $0 = true }
            if !Rules.acceptsAll(version: rules.read { $0.version }) { swapRules() }
        }
        for side in Side.allCases { database(of: side).setFaults(.init()) }
        log.setLate(percent: 0)
        for slot in occupants {
            slot.process.disarm()
            slot.process.thaw()
            log.setFrozen(false, producer: slot.process.id)
        }
        // Lanes that were given to several members are given to one each.
        let shared = shared.read { $0 }
        unsettled.update { $0.formUnion(shared) }
    }

    private func suffer(_ fault: Fault, _ side: Side, _ number: Int, _ slot: Slot) async {
        let process = slot.process
        let calls = simulation.pick(40)
        func soon(_ what: String, _ burn: @escaping @Sendable () -> Void) {
            process.arm(after: calls) { [simulation] in
                simulation.tell("TROUBLE: \(what)")
                burn()
            }
        }
        switch fault {
        case .crash:
            let place = simulation.chance(30) ? SimulatedProcess.Place.published : .anyCall
            process.arm(after: place == .published ? simulation.pick(4) : calls, at: place) {
                self.tell("process \(process.id) of \(side) dies")
                self.stop(process)
                self.swapRulesToo()
            }
        case .stall: await stall(side, number, slot, calls)
        case .pause:
            soon("process \(process.id) of \(side) pauses") { process.freeze() }
            await thaw(process, within: .milliseconds(simulation.pick(900)))
        case .restart:
            tell("process \(process.id) of \(side) is asked to stop")
            slot.shutDown()
        case .producerFailure:
            soon("the producer of process \(process.id) fails") { [log] in log.breakProducer(process.id) }
        case .databaseAway: await loseDatabase(side)
        case .brokerAway:
            tell("the broker goes away")
            log.setAway(true)
            await simulation.pass(.milliseconds(simulation.pick(9_000)))
            log.setAway(false)
        case .rebalance:
            soon("\(side) is handed out anew") {
                self.handOut(side)
                self.swapRulesToo()
            }
        case .twoOwners: soon("\(side) is given to several members") { self.handOut(side, twice: true) }
        case .handBack: await handBack(side)
        case .clockJump:
            let hours = simulation.pick(97) - 48
            tell("the wall clock jumps by \(hours) h")
            simulation.jumpWallClock(by: .seconds(hours * 3_600))
        case .restoredDatabase: await restore(side)
        case .swappedRules: swapRules()
        case .parkedKeys: operate(side, process)
        case .lostRequests, .lostAnswers, .lateCommits, .slowCalls, .lateDeliveries, .fullQueue, .poison: break
        }
    }

    private func swapRules() {
        let version = rules.update { rules in
            rules.version += 1
            return rules.version
        }
        tell("version \(version) of the rules is adopted")
    }

    /// Between what one owner of a lane does and what the next one does of the same records.
    private func swapRulesToo() {
        if scenario.faults.contains(.swappedRules), simulation.chance(50) { swapRules() }
    }

    func tell(_ trouble: String) { simulation.tell("TROUBLE: \(trouble)") }

    private func stall(_ side: Side, _ number: Int, _ slot: Slot, _ calls: Int) async {
        let process = slot.process
        process.arm(after: calls) { [simulation, log] in
            simulation.tell("TROUBLE: process \(process.id) of \(side) stands still")
            process.freeze()
            log.setFrozen(true, producer: process.id)
        }
        guard await hasFrozen(process) else { return }
        await simulation.pass(.milliseconds(500 + simulation.pick(1_000)))
        setSession(false, of: slot, in: number)
        unsettled.update { _ = $0.insert(side) }
        await simulation.pass(.milliseconds(simulation.pick(9_000)))
        tell("process \(process.id) of \(side) goes on")
        log.expel(slot.member)
        process.thaw()
        log.setFrozen(false, producer: process.id)
        setSession(true, of: slot, in: number)
        unsettled.update { _ = $0.insert(side) }
    }

    private func setSession(_ hasSession: Bool, of slot: Slot, in number: Int) {
        slots.update { slots in
            if slots[number]?.member == slot.member { slots[number]?.hasSession = hasSession }
        }
    }

    private func thaw(_ process: SimulatedProcess, within pause: Duration) async {
        guard await hasFrozen(process) else { return }
        await simulation.pass(pause)
        process.thaw()
    }

    /// Waits until an armed process stands still. One that has nothing to do is left alone.
    private func hasFrozen(_ process: SimulatedProcess) async -> Bool {
        for _ in 0..<6 where process.isRunning { await simulation.pass(.milliseconds(500)) }
        if process.isRunning { process.disarm() }
        return !process.isRunning && !process.isDead
    }

    private func loseDatabase(_ side: Side) async {
        let database = database(of: side)
        tell("the database of \(side) goes away")
        database.setAway(true)
        if simulation.chance(50) { database.endSessions() }
        await simulation.pass(.milliseconds(simulation.pick(6_000)))
        database.setAway(false)
    }

    private func handBack(_ side: Side) async {
        let first = simulation.pick(2)
        tell("the lanes of \(side) go elsewhere and come back")
        for shift in [first, first + 1, first] {
            handOut(side, shift: shift)
            await simulation.pass(.milliseconds(simulation.pick(120)))
        }
    }
}
