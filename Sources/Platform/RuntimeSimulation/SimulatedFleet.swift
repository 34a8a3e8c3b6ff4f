import Logging
import Records
import WorkerRuntime

/// The inhabitants of a scenario: broker, two schemas, worker processes that are restarted when they die.
final class SimulatedFleet: Sendable {
    enum Phase { case troubled, healing, stopping }

    /// One of the two workers.
    enum Side: CaseIterable {
        case door, behind

        var topics: [String] {
            self == .door ? [SimulatedFleet.raw] : [SimulatedFleet.derived, SimulatedFleet.decisions]
        }
    }

    /// The process now in one place.
    struct Slot {
        var process: SimulatedProcess
        var member: Int
        /// The group has not missed it yet.
        var hasSession = true
        var shutDown: @Sendable () -> Void
    }

    static let raw = "raw"
    static let derived = "derived"
    static let decisions = "decisions"

    let scenario: Scenario
    let simulation: Simulation
    let log: SimulatedLog
    let door: SimulatedDatabase
    let behind: SimulatedDatabase
    let rules: Watched<Rules>
    let phase = Watched(Phase.troubled)
    /// What was bad about records is so no more; only where records wait behind those of their key.
    let isRepaired = Watched(false)
    let slots = Watched<[Int: Slot]>([:])
    /// Groups whose members have changed.
    let unsettled = Watched<Set<Side>>([])
    /// Groups with several owners of a lane.
    let shared = Watched<Set<Side>>([])
    /// The first backup of each database, which may be restored more than once.
    let backups = Watched<[Side: SimulatedDatabase.Backup]>([:])
    let oracle: Oracle
    private let nextProcess = Watched(0)
    private let halts = Watched<[String]>([])

    init(_ scenario: Scenario, simulation: Simulation) {
        self.scenario = scenario
        self.simulation = simulation
        log = SimulatedLog(
            partitions: scenario.partitions, topics: [Self.raw, Self.derived, Self.decisions], simulation: simulation,
            queueLimit: scenario.faults.contains(.fullQueue) ? 2 : .max,
            overtakes: scenario.without.contains(.outboxOrder))
        door = SimulatedDatabase(simulation: simulation, name: "door", without: scenario.without)
        behind = SimulatedDatabase(simulation: simulation, name: "behind", without: scenario.without)
        rules = Watched(Rules(version: 1))
        oracle = Oracle(parks: scenario.faults.contains(.parkedKeys))
        oracle.watch(door: door, behind: behind, log: log)
    }

    /// Do records wait behind those of their key?
    var parks: Bool { scenario.faults.contains(.parkedKeys) }

    func database(of side: Side) -> SimulatedDatabase { side == .door ? door : behind }

    /// Where its processes run: one or two at a time.
    func places(of side: Side) -> Range<Int> { side == .door ? 0..<2 : 2..<2 + scenario.copiesBehind }

    /// In order, so that a run can be repeated.
    var occupants: [Slot] { slots.read { slots in slots.sorted { $0.key < $1.key }.map(\.value) } }

    var violations: [String] { halts.read { $0 } + oracle.violations(of: self) }

    func live() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.log.deliver() }
            group.addTask { await self.door.serve() }
            group.addTask { await self.behind.serve() }
            group.addTask { await self.settle() }
            let isDone = await withTaskGroup(of: Void.self) { workers in
                for side in Side.allCases {
                    for slot in places(of: side) { workers.addTask { await self.occupy(slot, side) } }
                }
                workers.addTask { await self.produce() }
                await self.makeTrouble()
                await self.heal()
                let isDone = await self.waitUntilDone()
                self.phase.update { $0 = .stopping }
                for slot in self.occupants { slot.shutDown() }
                await workers.waitForAll()
                return isDone
            }
            if !isDone { violated("no progress after the world had healed") }
            group.cancelAll()
        }
    }

    /// - Returns: false when it takes too long.
    private func waitUntilDone() async -> Bool {
        for second in 0..<300 {
            await simulation.pass(.seconds(1))
            if oracle.isDone(self) { return true }
            if parks, second.isMultiple(of: 5) { letGo() }
        }
        return false
    }

    private func violated(_ what: String) {
        simulation.tell(what)
        halts.update { $0.append(what) }
    }

    // MARK: Processes

    /// Runs one process after the other until the scenario ends.
    private func occupy(_ slot: Int, _ side: Side) async {
        while phase.read({ $0 != .stopping }) {
            let id = nextProcess.update { next in
                next += 1
                return next
            }
            let process = SimulatedProcess(
                id: id, simulation: simulation, isSlow: scenario.faults.contains(.slowCalls))
            let held = Held()
            let worker = side == .door ? doorWorker(process, held) : workerBehind(process, held)
            slots.update { $0[slot] = Slot(process: process, member: worker.member, shutDown: worker.shutDown) }
            unsettled.update { _ = $0.insert(side) }
            await run(process, worker)
            log.breakProducer(process.id)
            log.setFrozen(false, producer: process.id)
            judge(held, of: process)
            slots.update { $0[slot] = nil }
            if phase.read({ $0 == .stopping }) { return }
            unsettled.update { _ = $0.insert(side) }
            await simulation.pass(.milliseconds(simulation.pick(3_000)))
        }
    }

    private func run(_ process: SimulatedProcess, _ worker: Worker) async {
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
            violated("process \(process.id) stopped: \(error)")
        }
        process.kill()
    }

    private func judge(_ held: Held, of process: SimulatedProcess) {
        let (most, bound) = (held.most, scenario.holding)
        guard most.records > bound.records || most.bytes > bound.bytes else { return }
        violated(
            "process \(process.id) held \(most.records) records of \(most.bytes) bytes; its bound is \(bound.records) of "
                + "\(bound.bytes)")
    }

    // MARK: Workers

    private struct Worker {
        var member: Int
        var run: @Sendable () async throws -> Void
        var shutDown: @Sendable () -> Void
    }

    private func doorWorker(_ process: SimulatedProcess, _ held: Held) -> Worker {
        let handler = ToyIngest(
            derivedTopic: Self.derived, decisionTopic: Self.decisions, clock: simulation, rules: rules, held: held,
            waitsBehindDeadLetters: parks, isRepaired: { self.isRepaired.read { $0 } })
        return worker("door", [SourceTopic(Self.raw, numbered: false)], door, handler, process)
    }

    private func workerBehind(_ process: SimulatedProcess, _ held: Held) -> Worker {
        let sources = [SourceTopic(Self.derived, numbered: true), SourceTopic(Self.decisions, numbered: true)]
        return worker("behind", sources, behind, ToyDownstream(held: held), process)
    }

    private func worker<Handler: BatchHandler>(
        _ name: String, _ sources: [SourceTopic], _ database: SimulatedDatabase, _ handler: Handler,
        _ process: SimulatedProcess
    ) -> Worker where Handler.Transaction == SimulatedTransaction {
        let member = SimulatedMember(log: log, process: process)
        var logger = Logger(label: name, factory: { _ in SwiftLogNoOpLogHandler() })
        logger.logLevel = .critical
        let worker = LaneWorker(
            name: name, group: name, sources: sources, member: member,
            publisher: SimulatedPublisher(log: log, process: process),
            store: SimulatedStore(database, process: process), clock: simulation, handler: handler,
            limits: scenario.limits, protections: scenario.protections,
            progress: WorkerProgress(worker: name, logger: logger), logger: logger)
        return Worker(member: member.id, run: { try await worker.run() }, shutDown: { worker.shutDown() })
    }
}
