import Logging
import Records
package import WorkerRuntime

/// One simulated life of a worker with parked keys: poison records, an operator who parks, unparks and redrives, and
/// processes that die and freeze in the middle of it.
package struct ParkingScenario: Sendable {
    package var seed: UInt64
    package var records = 60
    package var partitions: Int32 = 2
    package var troubles = 10
    /// In percent of the transactions: those that never arrive, and those whose answer is lost.
    package var lostRequests = 4
    package var lostAnswers = 5
    /// Protections of the store that are taken away.
    package var without: Set<Protection> = []
    package var protections = RuntimeProtections.all
    package var maximumSteps = 2_000_000

    package init(seed: UInt64) {
        self.seed = seed
    }

    package func run() -> Scenario.Report {
        let simulation = Simulation(seed: seed)
        let world = ParkingWorld(self, simulation: simulation)
        let ending = simulation.run(maximumSteps: maximumSteps) { await world.live() }
        return Scenario.Report(
            seed: seed,
            title: "\(records) records, \(partitions) lanes, \(troubles) troubles with parked keys", ending: ending,
            violations: ending == .finished ? world.violations : ["\(ending)"], trace: simulation.trace,
            steps: simulation.steps, story: world.troubles)
    }
}

/// Broker, schema, two processes and an operator.
private final class ParkingWorld: Sendable {
    static let raw = "raw"
    static let published = "published"

    let scenario: ParkingScenario
    let simulation: Simulation
    let log: SimulatedLog
    let database: SimulatedDatabase
    private let isRepaired = Watched(false)
    private let isOver = Watched(false)
    private let members = Watched<[Int: (process: SimulatedProcess, member: Int, stop: @Sendable () -> Void)]>([:])
    private let notes = Watched<(troubles: [String], halts: [String])>(([], []))
    private let brought = Watched<[String]>([])

    init(_ scenario: ParkingScenario, simulation: Simulation) {
        self.scenario = scenario
        self.simulation = simulation
        log = SimulatedLog(
            partitions: scenario.partitions, topics: [Self.raw, Self.published], simulation: simulation)
        database = SimulatedDatabase(simulation: simulation, without: scenario.without)
    }

    var troubles: [String] { notes.read { $0.troubles } }

    func live() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.log.deliver() }
            group.addTask { await self.database.serve() }
            await withTaskGroup(of: Void.self) { workers in
                for slot in 0..<2 { workers.addTask { await self.occupy(slot) } }
                workers.addTask { await self.assign() }
                workers.addTask { await self.produce() }
                await self.trouble()
                self.isRepaired.update { $0 = true }
                if await !self.waitUntilDone() {
                    self.notes.update { $0.halts.append("no progress after the world was repaired") }
                }
                self.isOver.update { $0 = true }
                for one in self.members.read({ $0 }).sorted(by: { $0.key < $1.key }) { one.value.stop() }
                await workers.waitForAll()
            }
            group.cancelAll()
        }
    }

    // MARK: Inhabitants

    private func occupy(_ slot: Int) async {
        var life = slot
        while !isOver.read({ $0 }) {
            life += 2
            let process = SimulatedProcess(id: life, simulation: simulation)
            let worker = worker(process)
            members.update { $0[slot] = (process, worker.member, worker.stop) }
            do {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await worker.run() }
                    group.addTask { try await process.waitUntilDead() }
                    try await group.next()
                    group.cancelAll()
                    // What the dying worker throws is its cancellation.
                    try? await group.waitForAll()
                }
            } catch is CancellationError where process.isDead {
            } catch {
                notes.update { $0.halts.append("worker in slot \(slot) stopped: \(error)") }
                return
            }
            process.kill()
            log.breakProducer(process.id)
            if isOver.read({ $0 }) { return }
            await simulation.pass(.milliseconds(simulation.pick(3_000)))
        }
    }

    private func worker(_ process: SimulatedProcess) -> (
        member: Int, run: @Sendable () async throws -> Void, stop: @Sendable () -> Void
    ) {
        var limits = WorkerLimits()
        limits.batchRecords = 6
        limits.concurrentTransactions = 2
        limits.relayChunk = 3
        limits.retakePause = .seconds(2)
        limits.lagInterval = .seconds(30)
        limits.redriveRecords = 3
        limits.parking.keyBytes = 40
        limits.offsetsOfBatch = 6
        let isRepaired = isRepaired
        let member = SimulatedMember(log: log, process: process)
        let logger = Logger(label: "keyed", factory: { _ in SwiftLogNoOpLogHandler() })
        let worker = LaneWorker(
            name: "keyed", group: "keyed", sources: [SourceTopic(Self.raw, numbered: false)], member: member,
            publisher: SimulatedPublisher(log: log, process: process),
            store: SimulatedStore(database, process: process), clock: simulation,
            handler: ToyKeyed(topic: Self.published, isRepaired: { isRepaired.read { $0 } }), limits: limits,
            protections: scenario.protections, progress: WorkerProgress(worker: "keyed", logger: logger),
            logger: logger)
        return (member.id, { try await worker.run() }, { worker.shutDown() })
    }

    /// Two keys in each lane in which records can be bad, and one that the operator parks now and then.
    private func produce() async {
        for number in 1...scenario.records {
            await simulation.pass(.milliseconds(simulation.pick(600)))
            let lane = Int32(simulation.pick(Int(scenario.partitions)))
            let isParkable = simulation.chance(30)
            let isBad = [7, 11, 13].contains { number.isMultiple(of: $0) }
            let key = isParkable && !isBad ? "o\(lane)" : "k\(lane).\(simulation.pick(2))"
            let value = "\(key):\(number)"
            brought.update { $0.append(value) }
            log.append(
                OutgoingRecord(topic: Self.raw, partition: lane, key: Array(key.utf8), value: Array(value.utf8)))
        }
    }

    private func trouble() async {
        database.setFaults(.init(lostRequest: scenario.lostRequests, lostAnswer: scenario.lostAnswers, lateCommit: 3))
        for _ in 0..<scenario.troubles {
            await simulation.pass(.milliseconds(simulation.pick(4_000)))
            let slot = simulation.pick(2)
            guard let process = members.read({ $0[slot]?.process }) else { continue }
            switch simulation.pick(8) {
            case 0:
                note("process \(process.id) dies")
                if simulation.chance(50) {
                    for lane in 0..<scenario.partitions { database.ask(.unpark(Array("o\(lane)".utf8)), lane: lane) }
                }
                process.kill()
                log.breakProducer(process.id)
            case 1:
                note("process \(process.id) freezes")
                process.freeze()
                if simulation.chance(50) { await simulation.pass(.seconds(simulation.pick(9))) }
                process.thaw()
            case 2:
                note("producer of process \(process.id) fails")
                log.breakProducer(process.id)
            case 3:
                note("database goes away")
                database.setAway(true)
                await simulation.pass(.seconds(simulation.pick(8)))
                database.setAway(false)
            case 4:
                note("broker goes away")
                log.setAway(true)
                await simulation.pass(.seconds(simulation.pick(9)))
                log.setAway(false)
            case 5:
                note("everything is redriven in vain")
                redriveAll()
            default:
                let lane = Int32(simulation.pick(Int(scenario.partitions)))
                let parks = simulation.chance(60)
                note("lane \(lane): the operator \(parks ? "parks" : "unparks")")
                let key = Array("o\(lane)".utf8)
                database.ask(parks ? .park(key) : .unpark(key), lane: lane)
            }
        }
        note("the world is repaired")
        database.setFaults(.init())
    }

    private func redriveAll() {
        for (id, lane) in database.tables.waiting.lettersByLane { database.ask(.redrive(letter: id), lane: lane) }
    }

    private func note(_ text: String) {
        let now = simulation.uptime
        notes.update { $0.troubles.append("\(now): \(text)") }
    }

    /// Redrives and unparks until nothing waits any more.
    private func waitUntilDone() async -> Bool {
        for round in 0..<300 {
            await simulation.pass(.seconds(1))
            guard round.isMultiple(of: 5) else { continue }
            let lanes = database.lanes
            let isRead = (0..<scenario.partitions).allSatisfy { lane in
                lanes[lane]?.offsets[Self.raw]?.next == Int64(log.records(of: Self.raw)[Int(lane)].count)
            }
            let waiting = database.tables.waiting
            let isQuiet =
                isRead && waiting.letterIDs.isEmpty && waiting.parkedRecords.isEmpty
                && waiting.requests.allSatisfy { $0.answer != nil }
                && lanes.values.allSatisfy { $0.outbox.isEmpty && !$0.parked.values.contains(where: \.waits) }
            if isQuiet, brought.read({ $0.count }) == scenario.records, !log.hasShipments { return true }
            redriveAll()
            for (lane, state) in lanes.sorted(by: { $0.key < $1.key }) {
                let held = state.parked.filter(\.value.held).keys
                for key in held { database.ask(.unpark(key), lane: lane) }
            }
        }
        return false
    }

    private func assign() async {
        var known: [Int] = []
        while !isOver.read({ $0 }) {
            await simulation.pass(.milliseconds(700))
            let now = members.read { $0 }.sorted { $0.key < $1.key }.map(\.value).filter(\.process.isRunning)
                .map(\.member)
            let isWhim = !isRepaired.read { $0 } && simulation.chance(8)
            guard !now.isEmpty, now != known || isWhim else { continue }
            known = now
            let shift = simulation.pick(2)
            for (index, member) in now.enumerated() {
                let lanes = (0..<scenario.partitions).filter { lane in
                    (Int(lane) + shift) % now.count == index || (isWhim && simulation.chance(25))
                }
                if isWhim, simulation.chance(20) { log.expel(member) }
                log.assign(lanes.map { TopicPartition(topic: Self.raw, partition: $0) }, to: member)
            }
        }
    }

    // MARK: What must hold

    var violations: [String] {
        let expected = brought.read { $0 }
        let events = expected.filter { Self.number($0).map(ToyKeyed.isPublished) ?? false }
        let found = Self.firstOccurrences(log.records(of: Self.published))
        return notes.read { $0.halts } + Self.differences("journal", database.tables.journal, expected)
            + Self.disorder("journal", database.tables.journal) + Self.differences("published", found, events)
            + [0, 1].flatMap { parity in
                // Decisions and derived records go different ways, so only each kind is in order.
                Self.disorder("published", found.filter { Self.number($0).map { $0 % 2 } == parity })
            }
    }

    /// What a consumer lets through that knows each stream's last number and, as for any derived record, each id.
    private static func firstOccurrences(_ partitions: [[Record]]) -> [String] {
        var seen: Set<String> = []
        return partitions.flatMap { records -> [String] in
            var last: [String: Int64] = [:]
            return records.compactMap { record in
                let source = String(decoding: record.header(SourceNumber.sourceHeader) ?? [], as: UTF8.self)
                let digits = String(decoding: record.header(SourceNumber.sequenceHeader) ?? [], as: UTF8.self)
                guard let number = Int64(digits), number > last[source] ?? -1 else { return nil }
                last[source] = number
                let value = String(decoding: record.value ?? [], as: UTF8.self)
                let isDecision = Self.number(value)?.isMultiple(of: 2) ?? false
                return seen.insert(value).inserted || isDecision ? value : nil
            }
        }
    }

    private static func number(_ value: String) -> Int? { value.split(separator: ":").last.flatMap { Int($0) } }

    private static func differences(_ what: String, _ found: [String], _ expected: [String]) -> [String] {
        let counts = Dictionary(grouping: found, by: \.self).mapValues(\.count)
        return expected.filter { counts[$0] == nil }.map { "\(what): \($0) is missing" }
            + counts.filter { $0.value > 1 }.keys.sorted().map { "\(what): \($0) is there twice" }
    }

    /// In order of each key, but for records that nobody could read at first.
    private static func disorder(_ what: String, _ found: [String]) -> [String] {
        var last: [Substring: Int] = [:]
        return found.compactMap { value in
            let parts = value.split(separator: ":")
            guard parts.count == 2, let number = Int(parts[1]), !ToyKeyed.isUnreadable(number) else { return nil }
            defer { last[parts[0]] = number }
            guard let before = last[parts[0]], before > number else { return nil }
            return "\(what): \(value) came after \(before)"
        }
    }
}
