import Logging
import Records
import WorkerRuntime

/// The inhabitants of a scenario: broker, two schemas, four worker processes that are restarted when they die.
final class SimulatedFleet: Sendable {
    enum Phase { case troubled, healing, stopping }

    /// The process now in one place.
    struct Slot {
        var process: SimulatedProcess
        var member: Int
        var shutDown: @Sendable () -> Void
    }

    static let raw = "raw"
    static let derived = "derived"
    static let decisions = "decisions"
    static let slotsOfDoor = 0..<2
    static let slotsBehind = 2..<4

    let scenario: Scenario
    let simulation: Simulation
    let log: SimulatedLog
    let door: SimulatedDatabase
    let behind: SimulatedDatabase
    let phase = Watched(Phase.troubled)
    let slots = Watched<[Int: Slot]>([:])
    private let nextProcess = Watched(0)
    private let notes = Watched<(troubles: [String], halts: [String])>(([], []))
    let produced = Watched(Oracle())

    init(_ scenario: Scenario, simulation: Simulation) {
        self.scenario = scenario
        self.simulation = simulation
        log = SimulatedLog(
            partitions: scenario.partitions, topics: [Self.raw, Self.derived, Self.decisions], simulation: simulation)
        door = SimulatedDatabase(simulation: simulation, comparesAndSets: scenario.comparesAndSets)
        behind = SimulatedDatabase(simulation: simulation, comparesAndSets: scenario.comparesAndSets)
    }

    var troubles: [String] { notes.read { $0.troubles } }
    var violations: [String] { notes.read { $0.halts } + produced.read { $0 }.violations(of: self) }

    /// In order, so that a run can be repeated.
    var occupants: [Slot] { slots.read { slots in slots.sorted { $0.key < $1.key }.map(\.value) } }

    func note(trouble: String) {
        let now = simulation.uptime
        notes.update { $0.troubles.append("\(now): \(trouble)") }
    }

    func live() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.log.deliver() }
            group.addTask { await self.door.serve() }
            group.addTask { await self.behind.serve() }
            group.addTask { await self.assign() }
            let life = await withTaskGroup(of: Void.self) { workers in
                for slot in Self.slotsOfDoor { workers.addTask { await self.occupy(slot, self.doorWorker) } }
                for slot in Self.slotsBehind { workers.addTask { await self.occupy(slot, self.workerBehind) } }
                workers.addTask { await self.produce() }
                await self.makeTrouble()
                await self.heal()
                let inTime = await self.waitUntilDone()
                self.phase.update { $0 = .stopping }
                for slot in self.occupants { slot.shutDown() }
                await workers.waitForAll()
                return inTime
            }
            if !life { notes.update { $0.halts.append("no progress after the world had healed") } }
            group.cancelAll()
        }
    }

    // MARK: Workers

    private typealias Start = (SimulatedProcess) -> (
        member: Int, run: @Sendable () async throws -> Void, stop: @Sendable () -> Void
    )

    /// Runs one process after the other until the scenario ends.
    private func occupy(_ slot: Int, _ start: Start) async {
        while phase.read({ $0 != .stopping }) {
            let id = nextProcess.update { next in
                next += 1
                return next
            }
            let process = SimulatedProcess(id: id, simulation: simulation)
            let worker = start(process)
            slots.update { $0[slot] = Slot(process: process, member: worker.member, shutDown: worker.stop) }
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
            if phase.read({ $0 == .stopping }) { return }
            await simulation.pass(.milliseconds(simulation.pick(3_000)))
        }
    }

    private var limits: WorkerLimits {
        var limits = WorkerLimits()
        limits.batchRecords = 6
        limits.concurrentTransactions = 2
        limits.relayChunk = 3
        limits.unacknowledgedEntries = 8
        limits.retakePause = .seconds(2)
        limits.lagInterval = .seconds(30)
        return limits
    }

    private func doorWorker(_ process: SimulatedProcess) -> (
        member: Int, run: @Sendable () async throws -> Void, stop: @Sendable () -> Void
    ) {
        let handler = ToyIngest(derivedTopic: Self.derived, decisionTopic: Self.decisions, clock: simulation)
        return worker("door", [SourceTopic(Self.raw, numbered: false)], door, handler, process)
    }

    private func workerBehind(_ process: SimulatedProcess) -> (
        member: Int, run: @Sendable () async throws -> Void, stop: @Sendable () -> Void
    ) {
        let sources = [SourceTopic(Self.derived, numbered: true), SourceTopic(Self.decisions, numbered: true)]
        return worker("behind", sources, behind, ToyDownstream(), process)
    }

    private func worker<Handler: BatchHandler>(
        _ name: String, _ sources: [SourceTopic], _ database: SimulatedDatabase, _ handler: Handler,
        _ process: SimulatedProcess
    ) -> (member: Int, run: @Sendable () async throws -> Void, stop: @Sendable () -> Void)
    where Handler.Transaction == SimulatedTransaction {
        let member = SimulatedMember(log: log, process: process)
        var logger = Logger(label: name, factory: { _ in SwiftLogNoOpLogHandler() })
        logger.logLevel = .critical
        let worker = LaneWorker(
            name: name, group: name, sources: sources, member: member,
            publisher: SimulatedPublisher(log: log, process: process),
            store: SimulatedStore(database, process: process), clock: simulation, handler: handler, limits: limits,
            protections: RuntimeProtections(dropsSeenNumbers: scenario.dropsSeenNumbers),
            progress: WorkerProgress(worker: name, logger: logger), logger: logger)
        return (member.id, { try await worker.run() }, { worker.shutDown() })
    }
}
