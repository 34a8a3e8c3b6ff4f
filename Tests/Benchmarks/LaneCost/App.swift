import ArchiveIngest
import ArgumentParser
import Contracts
import ConversationArchive
import Foundation
import Kafka
import LaneStorage
import Logging
import Postgres
import WorkerHost
import WorkerRuntime

/// What the promise costs: archives the messages that wait, with or without the lane's statements, and ends.
@main
struct App: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lane-cost",
        abstract: "Archives a number of messages and prints the CPU time it took, with or without a part of the work.",
        discussion: """
            Without the lane's statements it is what an ordinary consumer is: rows in a transaction of the database, \
            offsets committed to Kafka.

            Example: lane-cost --messages 100000 --group pair-1 --without-lanes
            """)

    @Option(help: "How many messages wait; it ends when so many have been committed.")
    var messages: Int

    @Option(help: "Name of the consumer group.")
    var group: String

    @Option(help: "The corp the messages belong to.")
    var corp = "ww5a7c0e1f2b3d4c6a"

    @Flag(help: "Neither lock nor compare nor advance the lane in the transaction.")
    var withoutLanes = false

    @Flag(help: "Publish nothing: each record counts as acknowledged at once.")
    var withoutPublishing = false

    /// As archive-ingest has by default.
    private static let connections = 6

    func run() async throws {
        var logger = Logger(label: "lane-cost") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        var postgres = PostgresConfiguration(applicationName: "lane-cost")
        postgres.pool.size = Self.connections
        let pool = PostgresPool(postgres, logger: logger)
        let store = CountedStore(
            base: PostgresLaneStore(pool: pool, schema: Schema.archive.rawValue, logger: logger), pool: pool,
            usesLanes: !withoutLanes)
        let kafka = KafkaConfiguration(
            bootstrapServers: ProcessInfo.processInfo.environment["KAFKA_BOOTSTRAP_SERVERS"] ?? "")
        if withoutPublishing {
            try await archive(with: SilentPublisher(), kafka, pool, store, logger)
        } else {
            let publisher = try KafkaRecordPublisher(kafka, logger: logger)
            try await archive(with: publisher, kafka, pool, store, logger)
            await publisher.close()
        }
        await pool.close()
    }

    private func archive(
        with publisher: some RecordPublisher, _ kafka: KafkaConfiguration, _ pool: PostgresPool, _ store: CountedStore,
        _ logger: Logger
    ) async throws {
        let handler = ArchiveIngest(namespace: Namespace(""), clock: SystemClock()) { [corp] in
            ArchiveDirectory(corps: [corp])
        }
        let topic = Topics.chatRaw.name
        let worker = LaneWorker(
            name: "lane-cost", group: group, sources: [SourceTopic(topic, numbered: false)],
            member: try KafkaGroupMember(kafka, group: group, topics: [topic], logger: logger), publisher: publisher,
            store: store, clock: SystemClock(), handler: handler,
            limits: WorkerLimits(connections: Self.connections),
            progress: WorkerProgress(worker: "lane-cost", logger: logger), logger: logger)
        let ending = Task {
            let used = try await store.use(upTo: messages)
            worker.shutDown()
            return used
        }
        try await worker.run()
        let used = try await ending.value
        let result = ["records": Double(used.records), "cpu_seconds": used.cpu, "seconds": used.seconds]
        print(String(decoding: try JSONEncoder().encode(result), as: UTF8.self))
    }
}
