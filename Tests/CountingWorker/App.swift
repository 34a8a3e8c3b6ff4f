import ArgumentParser
import Contracts
import Dispatch
import Foundation
import Kafka
import LaneStorage
import Logging
import Postgres
import TestSupport
import WorkerHost
import WorkerRuntime

/// Notes every message of `chat.messages.v1` in a trail per conversation, so that a record lost, doubled or out of order
/// shows in the table. For tests: its flags take away a protection of the runtime.
@main
struct App: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "counting-worker")

    @Option var namespace = ""
    @Option var group = "counting-worker"
    @Option var sessionTimeoutMilliseconds = 6_000
    @Option(help: "Schema with the runtime's tables; another than its own must have them.") var schema = "counting"
    @Option(help: "No message can be noted of a conversation that begins so.") var poison: String?
    @Option(help: "… as long as this file exists.") var poisonWhile: String?
    @Flag(help: "Let a conversation wait behind a message that cannot be noted.") var waits = false
    @Flag(help: "Write offsets without comparing them.") var withoutCompareAndSet = false
    @Flag(help: "Take every record, whatever its source-seq.") var withoutSourceSequence = false

    func run() async throws {
        let logger = Logger(label: "counting-worker")
        let pool = PostgresPool(PostgresConfiguration(applicationName: "counting-worker"), logger: logger)
        let handler = handler
        // As every worker does.
        try await eventually("the database answers") {
            do {
                try await pool.execute("SELECT 1")
                return true
            } catch let error as PostgresError where error.disposition == .retry {
                return false
            }
        }
        try await pool.withConnection { connection in
            if schema == "counting" {
                let steps = Migrations.runtime(inSchema: schema).map { MigrationStep(name: $0.name, sql: $0.sql) }
                try await Migrator.apply(steps + [handler.table], schema: schema, on: connection)
            } else {
                // Two copies may start at once.
                try await connection.executeScript(
                    "BEGIN; SELECT pg_advisory_xact_lock(1); \(handler.table.sql); COMMIT")
            }
        }
        let store = PostgresLaneStore(pool: pool, schema: schema, logger: logger)
        if withoutCompareAndSet {
            try await work(CarelessStore(base: store, pool: pool), pool: pool, logger: logger)
        } else {
            try await work(store, pool: pool, logger: logger)
        }
    }

    private var handler: CountingHandler {
        let (poison, file) = (poison, poisonWhile)
        return CountingHandler(schema: schema, waitsBehindDeadLetters: waits) { conversation in
            guard let poison, conversation.hasPrefix(poison) else { return false }
            return file.map { FileManager.default.fileExists(atPath: $0) } ?? true
        }
    }

    private func work<Store: LaneStore>(_ store: Store, pool: PostgresPool, logger: Logger) async throws
    where Store.Transaction == PostgresTransaction {
        let names = Namespace(namespace)
        let topic = names.topic(Topics.chatMessages)
        let group = names.group(group)
        let servers = ProcessInfo.processInfo.environment["KAFKA_BOOTSTRAP_SERVERS"] ?? ""
        let kafka = KafkaConfiguration([
            "bootstrap.servers": servers, "session.timeout.ms": String(sessionTimeoutMilliseconds),
            "heartbeat.interval.ms": "500",
        ])
        let publisher = try KafkaRecordPublisher(kafka, logger: logger)
        let worker = LaneWorker(
            name: "counting-worker", group: group, sources: [SourceTopic(topic, numbered: true)],
            member: try KafkaGroupMember(kafka, group: group, topics: [topic], logger: logger),
            publisher: publisher, store: store, clock: SystemClock(), handler: handler,
            protections: RuntimeProtections(dropsSeenNumbers: !withoutSourceSequence),
            progress: WorkerProgress(worker: "counting-worker", logger: logger), logger: logger)
        let termination = DispatchSource.makeSignalSource(signal: 15)
        signal(15, SIG_IGN)
        termination.setEventHandler { worker.shutDown() }
        termination.resume()
        try await worker.run()
        await pool.close()
    }
}
