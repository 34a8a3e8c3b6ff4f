import Contracts
import FleetHarness
import Foundation
import Logging
import Postgres
import TestSupport

/// Messages flow, faults happen, everything drains; then tables, topics and the sandbox are compared with the oracle.
struct ChaosRun {
    var seed: UInt64
    var duration: Duration
    /// Messages a second; one in ten comes twice.
    var rate: Int
    var means: ChaosScene.Means
    /// Called with what happens now.
    var note: @Sendable (String) -> Void

    func run() async throws -> ChaosReport {
        let server = try PostgresServer()
        let proxy = try await TCPProxy(to: server.host, port: server.port)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await proxy.run() }
            defer { group.cancelAll() }
            let tablespace = try await makeTablespace()
            var settings = ["PGHOST": "127.0.0.1", "PGPORT": String(proxy.port)]
            if Self.hasOwnBroker {
                // The mock cluster, unlike every real broker, takes a request after one it refused, so librdkafka believes
                // the first one arrived as well: with errors on request, one at a time only.
                settings["KAFKA_MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION"] = "1"
            }
            return try await TestFleet.withFleet(
                tablespace: tablespace, workers: settings, keepingLogsIf: { !$0.isClean }
            ) { fleet in
                let copies = try FleetCopies(
                    fleet, of: ChaosScene.workers + [ChaosScene.witness], copies: 2,
                    arguments: [ChaosScene.witness: ["--namespace", fleet.namespace.name]])
                let scene = ChaosScene(
                    fleet: fleet, copies: copies, proxy: proxy, sandbox: Sandbox(url: fleet.sandboxURL), means: means)
                return try await perform(scene)
            }
        }
    }

    private static var hasOwnBroker: Bool {
        ProcessInfo.processInfo.environment["KAFKA_BOOTSTRAP_SERVERS", default: ""].isEmpty
    }

    private func perform(_ scene: ChaosScene) async throws -> ChaosReport {
        let (fleet, copies) = (scene.fleet, scene.copies)
        let started = ContinuousClock.now
        let seconds = Int(duration.components.seconds)
        let stream = ChatStream(
            seed: seed, count: rate * seconds, conversations: 600, alertEvery: 400,
            nowMilliseconds: Int64(Date.now.timeIntervalSince1970 * 1000))
        try await fleet.slowCommits(of: ["archive", "monitor", "counting"])
        try await scene.sandbox.add(fault: ["kind": "slow", "delay_ms": 400, "count": 1_000_000])
        let watch = ProgressWatch(fleet)
        let messages = try PublishedTap(Topics.chatMessages, of: fleet, into: .messages)
        let alerts = try PublishedTap(Topics.alerts, of: fleet, into: .alerts)
        let sequence = FaultSequence(scene.faults, seed: seed)
        let producer = ChatProducer(fleet: fleet, stream: stream)
        let watchers: [@Sendable () async throws -> Void] = [
            { try await watch.run() }, { try await Self.follow([messages, alerts]) },
            { try await Self.watchBroker(of: fleet) },
        ]
        let sent = try await Self.beside(watchers) {
            let end = ContinuousClock.now + duration
            let journal = try Journal(fleet.folder.appendingPathComponent("faults.log"))
            async let faults: Void = sequence.run(until: end) { kind in
                journal.note(kind)
                note(kind)
            }
            async let input = producer.run(rate: rate)
            _ = try await input
            let sent = ContinuousClock.now
            try await faults
            note("draining")
            try await fleet.drain()
            return sent
        }
        note("comparing")
        if fleet.broker != nil {
            let missing = try await producer.missing(of: stream.messages[...])
            if missing > 0 {
                throw BrokerFailed(reason: "it acknowledged \(missing) records of the input and lost them")
            }
        }
        let oracle = Oracle(stream)
        for tap in [messages, alerts] {
            // The last faults of the broker may still be waiting for a request.
            try await eventually("everything published is read") { try await Self.read(tap) }
            await tap.close()
        }
        try await scene.drainWitness(until: await messages.positions)
        let (told, raised) = (await messages.stream, await alerts.stream)
        var findings = try await oracle.archive(fleet)
        findings += oracle.publishedMessages(told)
        findings += try await oracle.hitsAndAlerts(fleet, raised)
        findings += try await oracle.contexts(fleet, raised)
        findings += try await oracle.deliveries(fleet, scene.sandbox)
        findings += try await oracle.trails(fleet)
        findings.wrong += copies.complaints
        return ChaosReport(
            seed: seed, seconds: Int((ContinuousClock.now - started).components.seconds),
            records: stream.messages.reduce(0) { $0 + ChatStream.partitions(of: $1.conversation).count },
            faults: scene.faults, happened: sequence.counts, findings: findings,
            lanes: watch.summary(of: sequence.events, until: sent), unsure: try await oracle.unsureDeliveries(fleet),
            repeated: told.repeated + raised.repeated)
    }

    /// Runs `work` beside others, until it ends or one of them fails.
    private static func beside<Result: Sendable>(
        _ watchers: [@Sendable () async throws -> Void], _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            for watcher in watchers {
                group.addTask {
                    try await watcher()
                    return nil
                }
            }
            group.addTask { try await work() }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                if let result = ended { return result }
            }
            throw CancellationError()
        }
    }

    /// Fails when the fleet's own broker ends, which no fault asks of it.
    private static func watchBroker(of fleet: TestFleet) async throws {
        guard let broker = fleet.broker else { return }
        // Longer than any run.
        _ = try await broker.exitCode(within: .seconds(7 * 86_400))
        let log = try? String(contentsOf: broker.log, encoding: .utf8)
        let assertion = log?.split(separator: "\n").first { $0.contains("Assertion") }
        throw BrokerFailed(reason: "it ended by itself (\(assertion.map(String.init) ?? "see its log"))")
    }

    /// Reads along until cancelled. A broker that is away is asked again.
    private static func follow(_ taps: [PublishedTap]) async throws {
        while true {
            try await Task.sleep(for: .seconds(3))
            for tap in taps { _ = try await read(tap) }
        }
    }

    /// - Returns: `false` when the broker did not answer.
    private static func read(_ tap: PublishedTap) async throws -> Bool {
        do {
            try await tap.catchUp()
            return true
        } catch let error as RecordsMissing {
            throw error
        } catch {
            try Task.checkCancellation()
            return false
        }
    }

    /// Makes the database's files live on the small file system.
    private func makeTablespace() async throws -> String? {
        guard let disk = means.disk else { return nil }
        try await TestDatabase.withServer { server in
            try await server.execute("CREATE TABLESPACE chaos LOCATION '\(disk)/tablespace'")
        }
        return "chaos"
    }
}

/// The mock cluster is not made for all that happens to it: an assertion of librdkafka's ends it now and then when members
/// come again by another connection, and what it has acknowledged may be missing. That says nothing of the fleet.
struct BrokerFailed: Error, CustomStringConvertible {
    var reason: String
    var description: String { "the development broker failed, so the run says nothing: \(reason)" }
}

/// When which fault began, beside the logs of the programs.
struct Journal: Sendable {
    private let file: FileHandle

    init(_ url: URL) throws {
        _ = FileManager.default.createFile(atPath: url.path, contents: nil)
        file = try FileHandle(forWritingTo: url)
    }

    func note(_ kind: String) {
        let time = Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        file.write(Data("\(time) \(kind)\n".utf8))
    }
}

/// Where the server is that the `PG*` variables name.
struct PostgresServer {
    var host: String
    var port: Int

    struct Unknown: Error, CustomStringConvertible {
        var description: String { "PGHOST must name a PostgreSQL server reached over TCP (scripts/chaos starts one)" }
    }

    init() throws {
        let environment = ProcessInfo.processInfo.environment
        guard let host = environment["PGHOST"], !host.isEmpty, !host.hasPrefix("/"),
            let port = Int(environment["PGPORT"] ?? "5432")
        else { throw Unknown() }
        (self.host, self.port) = (host, port)
    }
}
