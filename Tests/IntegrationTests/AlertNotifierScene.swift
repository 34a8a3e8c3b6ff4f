import AlertNotifier
import Alerting
import Contracts
import Foundation
import Logging
import Postgres
import Records
import Synchronization
import TestSupport
import Testing
import WeCom
import WeComSandbox
import WorkerRuntime

/// A notifier on a real database with a stand-in for WeCom, lanes included: what the runtime would do around the
/// handler, without Kafka.
struct AlertNotifierScene: Sendable {
    static let laneCount: Int32 = 3

    let pool: PostgresPool
    let sandbox: RunningSandbox
    let settings: NotifierSettings
    let notifier: AlertNotifier
    let configuration: @Sendable () -> NotifierConfiguration
    private let corp: Corp
    /// What the app's call-back is sealed with.
    static let callbackToken = "callback-token"
    static let callbackKey = String(repeating: "abcdefghijk", count: 3) + "abcdefghij"
    /// What `env:` and `file:` references of the configuration point to.
    let secrets: URL

    /// Calls are given long to answer: a starved machine must not make one look lost.
    static func run(
        requestTimeout: Duration = Patience.limit, claimLifetime: Duration = Patience.limit,
        coolDown: Duration = .zero, app: CorpsConfiguration.App? = nil,
        quiet: CorpsConfiguration.Quiet? = nil, fallbackRobots: [String]? = nil,
        sandbox settings: SandboxSettings = SandboxSettings(webhookSecret: "webhook-secret"),
        _ body: @escaping @Sendable (AlertNotifierScene) async throws -> Void
    ) async throws {
        try await TestDatabase.withDatabase { database in
            try await database.withPool(size: 8) { pool in
                try await RunningSandbox.with(settings) { sandbox in
                    try await OutboundHTTP.withClient(
                        requestTimeout: requestTimeout, connectTimeout: requestTimeout
                    ) { http in
                        let scene = try AlertNotifierScene(
                            pool: pool, sandbox: sandbox, http: http, requestTimeout: requestTimeout,
                            claimLifetime: claimLifetime, coolDown: coolDown, app: app, quiet: quiet,
                            fallbackRobots: fallbackRobots)
                        defer { try? FileManager.default.removeItem(at: scene.secrets) }  // a temporary directory
                        try await body(scene)
                    }
                }
            }
        }
    }

    private init(
        pool: PostgresPool, sandbox: RunningSandbox, http: OutboundHTTP, requestTimeout: Duration,
        claimLifetime: Duration, coolDown: Duration, app: CorpsConfiguration.App?, quiet: CorpsConfiguration.Quiet?,
        fallbackRobots: [String]?
    ) throws {
        self.pool = pool
        self.sandbox = sandbox
        secrets = FileManager.default.temporaryDirectory.appending(path: "notifier-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: secrets, withIntermediateDirectories: true)
        for (name, secret) in [
            ("compliance", "robot-compliance"), ("sales", "robot-sales"), ("crm", "webhook-secret"),
            ("app", "app-secret"), ("app-token", Self.callbackToken), ("app-key", Self.callbackKey),
        ] {
            try Data("\(secret)\n".utf8).write(to: secrets.appending(path: name))
        }
        let path = secrets.path
        var app = app
        app?.secret = "file:\(path)/app"
        if app?.callbackToken != nil { app?.callbackToken = "file:\(path)/app-token" }
        if app?.callbackKey != nil { app?.callbackKey = "file:\(path)/app-key" }
        let first = CorpsConfiguration.Corp(
            id: "ww1", name: "店",
            robots: ["compliance", "sales", "keyless"].map { .init(id: $0, key: "file:\(path)/\($0)") },
            webhooks: [.init(id: "crm", url: "\(sandbox.baseURL)/webhook/crm", secret: "file:\(path)/crm")],
            app: app, quiet: quiet, fallbackRobots: fallbackRobots)
        let directory = Directory(
            DirectoryConfiguration(
                corpID: "ww1", departments: [.init(id: 1, name: "一店", parentID: nil, leaders: ["hejun"])],
                employees: [
                    .init(id: "hejun", name: "何军", departmentID: 1), .init(id: "wangfang", name: "王芳", departmentID: 1),
                ]))
        let corp = Corp(first)
        self.corp = corp
        settings = NotifierSettings(
            weComBaseURL: sandbox.baseURL, linkBaseURL: "https://scrm.example.com",
            linkSecret: "a link secret of tests",
            allowsPrivateWebhooks: true, coolDown: coolDown, requestTimeout: requestTimeout,
            claimLifetime: claimLifetime,
            pollInterval: .milliseconds(50))
        var logger = Logger(label: "notifier")
        logger.logLevel = .critical
        let configuration: @Sendable () -> NotifierConfiguration = {
            NotifierConfiguration(corps: [corp.value.withLock { $0 }], directories: [directory])
        }
        self.configuration = configuration
        notifier = AlertNotifier(
            settings: settings, configuration: configuration,
            http: http, pool: pool, logger: logger)
    }

    /// The configuration, which may change while the notifier runs.
    private final class Corp: Sendable {
        let value: Mutex<CorpsConfiguration.Corp>
        init(_ value: CorpsConfiguration.Corp) { self.value = Mutex(value) }
    }

    /// Applies a configuration with one more robot.
    func addRobot(_ id: String, key: String) {
        let file = secrets.appending(path: id)
        _ = FileManager.default.createFile(atPath: file.path, contents: Data(key.utf8))
        corp.value.withLock { $0.robots.append(.init(id: id, key: "file:\(file.path)")) }
    }

    // MARK: What the runtime does

    /// Takes alerts in, as one batch.
    func takeIn(_ alerts: [Alert]) async throws {
        let items = try alerts.enumerated().map { index, alert in
            let record = Record(
                topic: "alerts.v1", partition: 0, offset: Int64(index), value: Array(try JSONEncoder().encode(alert)))
            return Batch<AlertEvent>.Item(event: try #require(try notifier.decode(record)), record: record)
        }
        try await settle(items)
    }

    /// Takes in what follows alerts, as one batch.
    func takeIn(contexts: [AlertContext]) async throws {
        try await settle(
            try contexts.map { context in
                let record = Record(
                    topic: "alerts.v1", partition: 0, offset: 0, value: Array(try JSONEncoder().encode(context)),
                    headers: [Header(HeaderNames.eventType, text: AlertContext.eventType)])
                return Batch<AlertEvent>.Item(event: try #require(try notifier.decode(record)), record: record)
            })
    }

    private func settle(_ items: [Batch<AlertEvent>.Item]) async throws {
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        let decision = try notifier.decide(Batch(lane: 0, items: items, nowMilliseconds: now))
        try await pool.withTransaction { transaction in
            _ = try await notifier.apply(
                decision, in: transaction,
                context: ApplyContext(
                    lane: 0, laneCount: Self.laneCount, attempt: 1, mayConflict: false, nowMilliseconds: now))
        }
    }

    /// Holds all lanes while `body` runs.
    /// - Parameter bodiesRun: how often the transactions' bodies run, as after commits whose answer was lost.
    func whileHoldingLanes(
        bodiesRun: Int = 1, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let pool = pool
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<Self.laneCount {
                let session = LaneSession<PostgresTransaction>(lane: lane) { work in
                    try Task.checkCancellation()
                    for _ in 0..<bodiesRun {
                        try await pool.withTransaction { transaction in
                            try await transaction.execute(
                                "SELECT pg_advisory_xact_lock($1)", [.int64(Int64(lane))])
                            _ = try await work(transaction)
                        }
                    }
                }
                group.addTask {
                    do { try await notifier.run(while: session) } catch is CancellationError {}
                }
            }
            defer { group.cancelAll() }
            try await body()
        }
    }

    func waitUntilSettled() async throws {
        try await eventually("every delivery ends") {
            try await count("alerting.deliveries WHERE state IN ('pending', 'claimed')") == 0
        }
    }

    func count(_ what: String) async throws -> Int {
        let rows = try await pool.execute("SELECT count(*) FROM \(what)")
        return Int(try #require(rows.first).decode(Int64.self, at: 0))
    }

    /// - Parameter seconds: how long after the others it was said.
    static func alert(
        _ id: String, robots: [String] = ["compliance"], webhooks: [String] = [], text: String = "再不处理我就维权",
        severity: Severity = .serious, after seconds: Int64 = 0
    ) -> Alert {
        let customer = "wmR4xTCwAAq0Zc7hVw2Ue8mJt5Lk9PsA"
        return Alert(
            alertID: id, corpID: "ww1",
            rule: .init(
                id: "rights", name: "客户维权", severity: severity, version: "v1", robots: robots, webhooks: webhooks),
            message: ChatMessage(
                corpID: "ww1", messageID: "m-\(id)", filedAt: nil, sentAt: 1_773_108_201_000 + seconds * 1_000,
                sequence: nil,
                action: "send", messageType: "text",
                conversation: Conversation(id: "s:wangfang|\(customer)", kind: .single, external: true),
                sender: Party(id: customer, kind: .customer), recipients: [], text: text),
            spans: [.init(start: 6, end: 8, pattern: "维权")], employeeID: "wangfang", customerID: customer,
            raisedAt: 1_773_108_202_000)
    }
}
