import Contracts
import Foundation
import Kafka
import Logging
import Postgres
import Records
import TestSupport

/// The real programs as processes, with a broker, a database and a WeCom sandbox of their own.
struct TestFleet: Sendable {
    let folder: URL
    let database: TestDatabase
    let namespace: Namespace
    let kafka: KafkaConfiguration
    let sandboxURL: String
    /// `nil` with a broker of somebody else's.
    let broker: RunningProgram?
    private let sandbox: RunningProgram
    private let environment: [String: String]

    static let logger = Logger(label: "end-to-end")

    /// Sets everything up but the workers, runs `body`, and takes it down again, also when `body` throws.
    static func withFleet(_ body: (TestFleet) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "scrm-e2e-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try await TestDatabase.withDatabase { database in
            let fleet = try await TestFleet(folder: folder, database: database)
            try await fleet.configure()
            try await body(fleet)
        }
        // Kept after a failure: the logs say why.
        try FileManager.default.removeItem(at: folder)
    }

    private init(folder: URL, database: TestDatabase) async throws {
        self.folder = folder
        self.database = database
        namespace = Namespace("e2e-\(UUID().uuidString.prefix(8).lowercased())")
        let secret = UUID().uuidString
        var broker: RunningProgram?
        var servers = ProcessInfo.processInfo.environment["KAFKA_BOOTSTRAP_SERVERS"] ?? ""
        if servers.isEmpty {
            let address = folder.appendingPathComponent("broker")
            broker = try RunningProgram(
                "dev-broker", ["--file", address.path, "--namespace", namespace.name, "--with-parent"],
                log: folder.appendingPathComponent("dev-broker.log"))
            servers = try await Self.contents(of: address)
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
            "KAFKA_SESSION_TIMEOUT_MS": "6000", "KAFKA_HEARTBEAT_INTERVAL_MS": "1000",
            "WECOM_BASE_URL": sandboxURL, "WEBHOOK_ALLOW_PRIVATE": "true", "WEBHOOK_CRM_SECRET": secret,
            "ROBOT_COMPLIANCE_KEY": "compliance-\(secret)", "ROBOT_SALES_KEY": "sales-\(secret)",
            "ALERT_LINK_SECRET": secret, "ALERT_LINK_BASE_URL": "http://127.0.0.1:1",
        ]
    }

    private func configure() async throws {
        try await scrm("topics", "apply")
        let corps = """
            corps:
              - id: \(ChatStream.corp)
                name: 青禾家居
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
        let rules = """
            corp_id: \(ChatStream.corp)
            rules:
              - {id: \(ChatStream.rule), name: 客户维权, side: customer, severity: 严重, words: [维权], robots: [compliance], webhooks: [crm]}
            """
        for (kind, text) in [("corps", corps), ("directory", directory), ("rules", rules)] {
            let file = folder.appendingPathComponent("\(kind).yaml")
            try Data(text.utf8).write(to: file)
            try await scrm(kind, "apply", file.path)
        }
    }

    /// Starts one copy of a worker, logged in as the worker's own role.
    func start(_ program: String, copy: Int = 1, _ arguments: [String] = []) throws -> RunningProgram {
        var environment = environment
        if let schema = Schema.allCases.first(where: { $0.program == program }) {
            environment["PGUSER"] = schema.role
            environment["SCRM_HTTP_ADDRESS"] = "127.0.0.1:0"
        }
        return try RunningProgram(
            program, arguments, environment: environment, log: folder.appendingPathComponent("\(program)-\(copy).log"))
    }

    /// Starts `scrm`, to be killed.
    func startOperator(_ arguments: [String]) throws -> RunningProgram {
        try RunningProgram(
            "scrm", arguments, environment: environment, log: folder.appendingPathComponent("scrm-killed.log"))
    }

    /// Runs `scrm` to its end.
    /// - Throws: ``ProgramFailed`` for an exit code other than 0.
    @discardableResult
    func scrm(_ arguments: String..., within limit: Duration = .seconds(120)) async throws -> String {
        try await scrm(arguments, within: limit)
    }

    @discardableResult
    func scrm(_ arguments: [String], within limit: Duration = .seconds(120)) async throws -> String {
        let log = folder.appendingPathComponent("scrm-\(UUID().uuidString).log")
        let program = try RunningProgram("scrm", arguments, environment: environment, log: log)
        let code = try await program.exitCode(within: limit)
        let output = try String(contentsOf: log, encoding: .utf8)
        guard code == 0 else {
            throw ProgramFailed(command: "scrm " + arguments.joined(separator: " "), code: code, output: output)
        }
        return output
    }

    /// Makes each commit that moves an offset take 30 ms longer, so that faults fall between publishing and commit.
    func slowCommits(of schemas: [String]) async throws {
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
    func cutConnections(of role: String) async throws {
        try await database.withPool(size: 1) { pool in
            _ = try await pool.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1 AND datname = $2",
                [.text(role), .text(database.name)])
        }
    }

    /// Waits until every worker, or the given one, has caught up.
    func drain(within seconds: Int, worker: String? = nil) async throws {
        let only = worker.map { ["--worker", $0] } ?? []
        try await scrm(["drain", "--timeout", String(seconds)] + only, within: .seconds(seconds + 10))
    }

    /// Lanes held by each live copy of a worker, by instance, as its heartbeat says.
    func lanes(of schema: Schema) async throws -> [String: Set<Int>] {
        let rows = try await query(
            """
            SELECT instance, (status->'lanes')::text FROM \(schema.rawValue).heartbeats
            WHERE beat_at > now() - interval '10 seconds'
            """, as: String.self, String.self)
        return try Dictionary(
            rows.map { ($0.0, Set(try JSONDecoder().decode([Int].self, from: Data($0.1.utf8)))) }
        ) { _, last in last }
    }

    /// Every record of a topic, partition by partition.
    func records(of topic: Topic, partitions: Int32 = 12) async throws -> [[Record]] {
        var result: [[Record]] = []
        for partition in 0..<partitions {
            let reader = try KafkaReader(
                kafka, topic: namespace.topic(topic), partition: partition, logger: Self.logger)
            var records: [Record] = []
            reading: while let event = try await reader.next(maximumRecords: 10_000) {
                switch event {
                case .records(let some): records += some
                case .endOfPartition: break reading
                }
            }
            await reader.close()
            result.append(records)
        }
        return result
    }

    func query<each Value: PostgresDecodable>(
        _ sql: String, as types: repeat (each Value).Type
    ) async throws -> [(repeat each Value)] {
        try await database.withPool(size: 1) { pool in
            try await pool.execute(sql).map { try $0.decode(repeat (each Value).self) }
        }
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

struct ProgramFailed: Error, CustomStringConvertible {
    var command: String
    var code: Int32
    var output: String

    var description: String { "\(command) ended with \(code):\n\(output)" }
}
