import Logging
import Records
import RuntimeSimulation
import TestSupport
import Testing
import WorkerRuntime

/// A small simulated world for one test: one topic, one schema, as many workers as the test starts.
final class RuntimeStage: Sendable {
    static let topic = "raw"
    static let outcome = "outcome"

    let simulation: Simulation
    let log: SimulatedLog
    let database: SimulatedDatabase

    init(seed: UInt64 = 1, partitions: Int32 = 1) {
        simulation = Simulation(seed: seed)
        log = SimulatedLog(partitions: partitions, topics: [Self.topic, Self.outcome], simulation: simulation)
        database = SimulatedDatabase(simulation: simulation)
    }

    /// Plays the test in simulated time.
    static func play(
        seed: UInt64 = 1, partitions: Int32 = 1, sourceLocation: SourceLocation = #_sourceLocation,
        _ body: @escaping @Sendable (RuntimeStage) async throws -> Void
    ) {
        let stage = RuntimeStage(seed: seed, partitions: partitions)
        let ending = stage.simulation.run(maximumSteps: 500_000) {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await stage.log.deliver() }
                group.addTask { await stage.database.serve() }
                do {
                    try await body(stage)
                } catch {
                    Issue.record(error, sourceLocation: sourceLocation)
                }
                group.cancelAll()
            }
        }
        #expect(ending == .finished, sourceLocation: sourceLocation)
    }

    /// Waits, for at most five simulated minutes.
    func until(
        _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ condition: @Sendable () -> Bool
    ) async throws {
        for _ in 0..<3_000 {
            if condition() { return }
            try await simulation.sleep(for: .milliseconds(100))
        }
        Issue.record("never: \(what)", sourceLocation: sourceLocation)
        throw CancellationError()
    }

    func bring(_ values: [String], to partition: Int32 = 0, headers: [Header] = []) {
        for value in values {
            log.append(
                OutgoingRecord(
                    topic: Self.topic, partition: partition, key: nil, value: Array(value.utf8), headers: headers))
        }
    }

    var journal: [String] { database.tables.journal }
    var nextOffset: Int64? { database.lanes[0]?.offsets[Self.topic]?.next }

    /// What a consumer lets through that knows the last number of each stream.
    func seenByNumber() -> [String] {
        var last: [String: Int64] = [:]
        return log.records(of: Self.outcome).flatMap(\.self).compactMap { record in
            let source = String(decoding: record.header(SourceNumber.sourceHeader) ?? [], as: UTF8.self)
            let number = Int64(String(decoding: record.header(SourceNumber.sequenceHeader) ?? [], as: UTF8.self)) ?? 0
            guard number > last[source] ?? -1 else { return nil }
            last[source] = number
            return String(decoding: record.value ?? [], as: UTF8.self)
        }
    }

    func published() -> [String] {
        log.records(of: Self.outcome).flatMap(\.self).map { record in
            let number = String(decoding: record.header(SourceNumber.sequenceHeader) ?? [], as: UTF8.self)
            return "\(String(decoding: record.value ?? [], as: UTF8.self))#\(number)"
        }
    }
}

/// A worker on the stage, with its process and what can be seen of it.
struct StagedWorker: Sendable {
    let process: SimulatedProcess
    let member: Int
    let progress: WorkerProgress
    let run: @Sendable () async throws -> Void
    let shutDown: @Sendable () -> Void

    init<Handler: BatchHandler>(
        _ stage: RuntimeStage, _ handler: Handler, process id: Int = 1, numbered: Bool = false,
        topics: [String] = [RuntimeStage.topic], failures: StoreFailures = StoreFailures(),
        protections: RuntimeProtections = .all,
        _ adjust: (inout WorkerLimits) -> Void = { _ in }
    ) where Handler.Transaction == SimulatedTransaction {
        process = SimulatedProcess(id: id, simulation: stage.simulation)
        let member = SimulatedMember(log: stage.log, process: process)
        self.member = member.id
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let progress = WorkerProgress(worker: "test", logger: logger)
        self.progress = progress
        var limits = WorkerLimits()
        adjust(&limits)
        let worker = LaneWorker(
            name: "test", group: "group", sources: topics.map { SourceTopic($0, numbered: numbered) }, member: member,
            publisher: SimulatedPublisher(log: stage.log, process: process),
            store: FailingStore(base: SimulatedStore(stage.database, process: process), failures: failures),
            clock: stage.simulation, handler: handler, limits: limits, protections: protections,
            progress: progress, logger: logger)
        run = { try await worker.run() }
        shutDown = { worker.shutDown() }
        stage.log.assign(
            topics.flatMap { topic in
                stage.log.records(of: topic).indices.map { TopicPartition(topic: topic, partition: Int32($0)) }
            }, to: member.id)
    }

    /// Runs the worker beside `body`, then shuts it down and returns how it ended.
    func running(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await run() }
            try await body()
            shutDown()
            try await group.waitForAll()
        }
    }
}

/// What the store answers instead of what happened, by the number of the transaction (from 1); and what happens before a
/// lane is read.
struct StoreFailures: Sendable {
    var before: @Sendable (Int) throws -> Void = { _ in }
    /// After the body, before the commit.
    var inside: @Sendable (Int) throws -> Void = { _ in }
    var after: @Sendable (Int) throws -> Void = { _ in }
    var beforeReading: @Sendable () async throws -> Void = {}
    /// After the commit of a transaction of these lanes.
    var afterSharing: @Sendable ([Int32]) throws -> Void = { _ in }
}

/// A store with scripted failures around each transaction.
struct FailingStore: LaneStoreWrapper {
    let base: SimulatedStore
    let failures: StoreFailures
    private let count = Watched(0)

    init(base: SimulatedStore, failures: StoreFailures) {
        self.base = base
        self.failures = failures
    }

    func read(_ lane: Int32) async throws -> LaneState {
        try await failures.beforeReading()
        return try await base.read(lane)
    }

    func transaction<Result: Sendable>(
        together advances: [LaneAdvance], _ body: (SimulatedTransaction) async throws -> Result
    ) async throws -> Result {
        let result = try await base.transaction(together: advances, body)
        try failures.afterSharing(advances.map(\.claim.lane))
        return result
    }

    func transaction<Result: Sendable>(
        _ advance: LaneAdvance, _ body: (SimulatedTransaction) async throws -> Result
    ) async throws -> Result {
        let number = count.update { count in
            count += 1
            return count
        }
        try failures.before(number)
        let result = try await base.transaction(advance) { transaction in
            let result = try await body(transaction)
            try failures.inside(number)
            return result
        }
        try failures.after(number)
        return result
    }
}

/// Writes every value to the journal, except where the test says otherwise.
struct ScriptedHandler: BatchHandler {
    typealias Transaction = SimulatedTransaction

    var judge: @Sendable ([Batch<String>.Item]) throws -> Void = { _ in }
    var effects: @Sendable ([Batch<String>.Item], SimulatedTransaction, ApplyContext) async throws -> Effects = {
        _, _, _ in .none
    }
    var beside: @Sendable (LaneSession<SimulatedTransaction>) async throws -> Void = { _ in }
    var configuration: @Sendable () -> String? = { nil }
    var accepts: @Sendable (String) -> Bool = { _ in true }
    var sharesTransactions = false

    var configurationVersion: String? { configuration() }

    func decode(_ record: Record) throws(Undecodable) -> String? {
        let value = String(decoding: record.value ?? [], as: UTF8.self)
        guard accepts(value) else { throw Undecodable(reason: "unknown", detail: "not accepted") }
        return value
    }

    func decide(_ batch: Batch<String>) throws -> [Batch<String>.Item] {
        try judge(batch.items)
        return batch.items
    }

    func apply(
        _ items: [Batch<String>.Item], in transaction: SimulatedTransaction, context: ApplyContext
    ) async throws -> Effects {
        try await transaction.append(toJournal: items.map(\.event))
        return try await effects(items, transaction, context)
    }

    func run(while lane: LaneSession<SimulatedTransaction>) async throws { try await beside(lane) }
}
