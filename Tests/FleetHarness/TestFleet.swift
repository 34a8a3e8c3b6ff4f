package import Contracts
package import Foundation
package import Kafka
package import Logging
package import Postgres
package import TestSupport

/// The real programs as processes, with a broker, a database and a WeCom sandbox of their own.
package struct TestFleet: Sendable {
    package let folder: URL
    package let database: TestDatabase
    package let namespace: Namespace
    package private(set) var kafka: KafkaConfiguration
    package let sandboxURL: String
    /// Every secret that the programs are given contains it.
    package let secret: String
    /// `nil` with a broker of somebody else's.
    package let broker: RunningProgram?
    private let sandbox: RunningProgram
    /// Shorter than the default, so that of the streams' alerts some are told and some join others.
    static let coolDownMilliseconds: Int64 = 3 * 60_000

    private var environment: [String: String]
    /// Added to the environment of the workers alone.
    private let workers: [String: String]

    /// Of a member of a consumer group.
    package static let sessionTimeout = Duration.seconds(6)

    package static let logger = Logger(label: "end-to-end")

    /// Sets everything up but the workers, runs `body`, and takes it down again, also when `body` throws.
    ///
    /// - Parameters:
    ///   - tablespace: where the database is; by default the server's own.
    ///   - workers: added to the environment of the workers alone.
    ///   - isConfigured: whether corps, directory and rules are in force; see ``configure()``.
    package static func withFleet<Result: Sendable>(
        tablespace: String? = nil, workers: [String: String] = [:], isConfigured: Bool = true,
        keepingLogsIf fails: (Result) -> Bool = { _ in false }, _ body: (TestFleet) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "scrm-e2e-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let result = try await TestDatabase.withDatabase(tablespace: tablespace) { database in
            let fleet = try await TestFleet(folder: folder, database: database, workers: workers)
            try await fleet.scrm("topics", "apply")
            if isConfigured { try await fleet.configure() }
            return try await body(fleet)
        }
        // Kept after a failure: the logs say why.
        if !fails(result) { try FileManager.default.removeItem(at: folder) }
        return result
    }

    private init(folder: URL, database: TestDatabase, workers: [String: String]) async throws {
        self.folder = folder
        self.workers = workers
        self.database = database
        namespace = Namespace("e2e-\(UUID().uuidString.prefix(8).lowercased())")
        let secret = UUID().uuidString
        self.secret = secret
        var broker: RunningProgram?
        var servers = ProcessInfo.processInfo.environment["KAFKA_BOOTSTRAP_SERVERS"] ?? ""
        if servers.isEmpty {
            (broker, servers) = try await Self.startBroker(in: folder, namespace: namespace)
        }
        let address = folder.appendingPathComponent("sandbox")
        sandbox = try RunningProgram(
            "wecom-sandbox", ["--port", "0", "--file", address.path, "--with-parent"],
            environment: ["WEBHOOK_SECRET": secret], log: folder.appendingPathComponent("wecom-sandbox.log"))
        sandboxURL = try await Self.contents(of: address)
        self.broker = broker
        kafka = KafkaConfiguration(bootstrapServers: servers)
        environment = [
            "KAFKA_BOOTSTRAP_SERVERS": servers, "SCRM_NAMESPACE": namespace.name, "PGDATABASE": database.name,
            // A dead copy's lanes are taken over after its session ends; the shortest a broker accepts by default.
            "KAFKA_SESSION_TIMEOUT_MS": String(Self.sessionTimeout.components.seconds * 1000),
            "KAFKA_HEARTBEAT_INTERVAL_MS": "1000",
            "WECOM_BASE_URL": sandboxURL, "WEBHOOK_ALLOW_PRIVATE": "true", "WEBHOOK_CRM_SECRET": secret,
            "ROBOT_COMPLIANCE_KEY": "compliance-\(secret)", "ROBOT_SALES_KEY": "sales-\(secret)",
            "WECOM_CONTACT_SECRET": "contact-\(secret)", "CAMPAIGN_CLOCK": "10:00", "CAMPAIGN_ASK_SECONDS": "5",
            "CAMPAIGN_RESULT_SECONDS": "1",
            "ALERT_COOL_DOWN_MINUTES": String(Self.coolDownMilliseconds / 60_000), "ALERT_LINK_SECRET": secret,
            "ALERT_LINK_BASE_URL": "http://127.0.0.1:1", "ALERT_FREQUENT_HITS": "0",
            "ALERT_ACKNOWLEDGE_WITHIN_MINUTES": "off",
        ]
    }

    /// Puts corps, directory and rules in force.
    package func configure() async throws {
        let corps = """
            corps:
              - id: \(ChatStream.corp)
                name: 青禾家居
                contact_secret: env:WECOM_CONTACT_SECRET
                # Tests run in the night too.
                quiet: off
                robots:
                  - {id: compliance, key: "env:ROBOT_COMPLIANCE_KEY"}
                  - {id: sales, key: "env:ROBOT_SALES_KEY"}
                webhooks:
                  - {id: crm, url: "\(sandboxURL)/webhook/crm", secret: "env:WEBHOOK_CRM_SECRET"}
            """
        let directory = """
            corp_id: \(ChatStream.corp)
            departments:
              - {id: 1, name: 总部, leaders: [zhouning]}
            employees:
              - {id: zhouning, name: 周宁, department_id: 1}
            """
        for (kind, text) in [("corps", corps), ("directory", directory), ("rules", Self.rules(0))] {
            try await apply(kind, text)
        }
    }

    /// Puts a configuration in force, given as the YAML that `scrm` reads.
    package func apply(_ kind: String, _ text: String) async throws {
        let file = folder.appendingPathComponent("\(kind).yaml")
        try Data(text.utf8).write(to: file)
        try await scrm(kind, "apply", file.path)
    }

    /// Puts another version of the rules in force. All versions find the same in a ``ChatStream``.
    package func swapRules(_ version: Int) async throws { try await apply("rules", Self.rules(version)) }

    private static func rules(_ version: Int) -> String {
        """
        corp_id: \(ChatStream.corp)
        rules:
          - {id: \(ChatStream.rule), name: 客户维权, side: customer, severity: 严重, words: [维权], robots: [compliance], webhooks: [crm]}
          - {id: never_said, name: 从不出现, side: any, severity: 一般, words: [从不出现的词\(version)], robots: [sales]}
        """
    }

    /// The same fleet with another broker.
    package func moved(to servers: String) -> TestFleet {
        var fleet = self
        fleet.kafka = KafkaConfiguration(bootstrapServers: servers)
        fleet.environment["KAFKA_BOOTSTRAP_SERVERS"] = servers
        return fleet
    }

    /// Starts one copy of a worker, logged in as the worker's own role.
    /// - Parameter settings: added to its environment.
    package func start(
        _ program: String, copy: Int = 1, _ arguments: [String] = [], settings: [String: String] = [:]
    ) throws -> RunningProgram {
        var environment = environment.merging(workers) { $1 }.merging(settings) { $1 }
        if let schema = Schema.allCases.first(where: { $0.program == program }) {
            environment["PGUSER"] = schema.role
            environment["SCRM_HTTP_ADDRESS"] = "127.0.0.1:0"
        }
        return try RunningProgram(
            program, arguments, environment: environment, log: folder.appendingPathComponent("\(program)-\(copy).log"))
    }

    /// Starts `scrm`, to be killed.
    package func startOperator(_ arguments: [String]) throws -> RunningProgram {
        try RunningProgram(
            "scrm", arguments, environment: environment, log: folder.appendingPathComponent("scrm-killed.log"))
    }

    /// Runs `scrm` to its end. A command that waits itself is to be given ``patient``.
    /// - Throws: ``ProgramFailed`` for an exit code other than 0.
    @discardableResult
    package func scrm(_ arguments: String...) async throws -> String { try await scrm(arguments) }

    @discardableResult
    package func scrm(_ arguments: [String]) async throws -> String {
        let log = folder.appendingPathComponent("scrm-\(UUID().uuidString).log")
        let program = try RunningProgram("scrm", arguments, environment: environment, log: log)
        let code = try await program.exitCode(within: Patience.limit * 2)
        let output = try String(contentsOf: log, encoding: .utf8)
        guard code == 0 else {
            throw ProgramFailed(command: "scrm " + arguments.joined(separator: " "), code: code, output: output)
        }
        return output
    }

    /// Makes each commit that moves an offset take 30 ms longer, so that faults fall between publishing and commit.
    package func slowCommits(of schemas: [String]) async throws {
        try await database.withPool(size: 1) { pool in
            try await pool.execute(
                """
                CREATE FUNCTION public.slow_commit() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN PERFORM pg_sleep(0.03); RETURN NULL; END'
                """)
            for schema in schemas {
                // The counting worker makes its tables itself.
                try await eventually("\(schema).offsets exists") {
                    try await pool.execute("SELECT to_regclass('\(schema).offsets')::text")[0]
                        .decode(String?.self, at: 0) != nil
                }
                try await pool.execute(
                    """
                    CREATE CONSTRAINT TRIGGER slow_commit AFTER UPDATE ON \(schema).offsets
                    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.slow_commit()
                    """)
            }
        }
    }

    /// Ends the sessions of a role; what they had in hand is rolled back.
    package func cutConnections(of role: String) async throws {
        try await database.withPool(size: 1) { pool in
            _ = try await pool.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1 AND datname = $2",
                [.text(role), .text(database.name)])
        }
    }

    /// The workers that a chat message passes through.
    package static let chatWorkers = [Programs.archiveIngest, Programs.sensitiveWordMonitor, Programs.alertNotifier]

    /// Waits until the workers of the chat, or the given one, have caught up.
    package func drain(worker: String? = nil) async throws {
        let workers = worker.map { [$0] } ?? Self.chatWorkers
        try await scrm(["drain"] + Self.patient + workers.flatMap { ["--worker", $0] })
    }

    /// For commands of `scrm` that wait.
    package static let patient = ["--timeout", String(Patience.limit.components.seconds)]

    /// Lanes held by each live copy of a worker, by instance, as its heartbeat says.
    package func lanes(of schema: Schema) async throws -> [String: Set<Int>] {
        let rows = try await query(
            """
            SELECT instance, (status->'lanes')::text FROM \(schema.rawValue).heartbeats
            WHERE beat_at > now() - interval '10 seconds'
            """, as: String.self, String.self)
        return try Dictionary(
            rows.map { ($0.0, Set(try JSONDecoder().decode([Int].self, from: Data($0.1.utf8)))) }
        ) { _, last in last }
    }

    /// What has been published to a topic so far.
    package func published(_ topic: Topic, as stream: PublishedStream) async throws -> PublishedStream {
        let tap = try PublishedTap(topic, of: self, into: stream)
        try await tap.catchUp()
        await tap.close()
        return await tap.stream
    }

    package func query<each Value: PostgresDecodable>(
        _ sql: String, as types: repeat (each Value).Type
    ) async throws -> [(repeat each Value)] {
        try await database.withPool(size: 1) { pool in
            try await pool.execute(sql).map { try $0.decode(repeat (each Value).self) }
        }
    }

    /// Starts a development broker.
    /// - Returns: the program, and where it listens.
    package static func startBroker(
        in folder: URL, namespace: Namespace, name: String = "broker"
    ) async throws -> (RunningProgram, String) {
        let address = folder.appendingPathComponent(name)
        let broker = try RunningProgram(
            "dev-broker", ["--file", address.path, "--namespace", namespace.name, "--with-parent", "--obey"],
            hasInput: true, log: folder.appendingPathComponent("dev-\(name).log"))
        return (broker, try await contents(of: address))
    }

    private static func contents(of file: URL) async throws -> String {
        var text = ""
        try await eventually("\(file.lastPathComponent) is written") {
            text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""  // not there yet
            return !text.isEmpty
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

package struct ProgramFailed: Error, CustomStringConvertible {
    package var command: String
    package var code: Int32
    package var output: String

    package var description: String { "\(command) ended with \(code):\n\(output)" }
}
