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
        coolDown: Duration = .zero, frequentHits: Int = 0, escalation: EscalationPolicy = .standard,
        namespace: Namespace = Namespace(), app: CorpsConfiguration.App? = nil,
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
                            claimLifetime: claimLifetime, coolDown: coolDown, frequentHits: frequentHits,
                            escalation: escalation, namespace: namespace, app: app, quiet: quiet,
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
        claimLifetime: Duration, coolDown: Duration, frequentHits: Int, escalation: EscalationPolicy,
        namespace: Namespace, app: CorpsConfiguration.App?, quiet: CorpsConfiguration.Quiet?,
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
                corpID: "ww1",
                departments: [
                    .init(id: 1, name: "一店", parentID: 2, leaders: ["hejun"]),
                    .init(id: 2, name: "总部", parentID: nil, leaders: ["zong"]),
                ],
                employees: [
                    .init(id: "zong", name: "宗经理", departmentID: 2),
                    .init(id: "hejun", name: "何军", departmentID: 1), .init(id: "wangfang", name: "王芳", departmentID: 1),
                ]))
        let corp = Corp(first)
        self.corp = corp
        settings = NotifierSettings(
            weComBaseURL: sandbox.baseURL, linkBaseURL: "https://scrm.example.com",
            linkSecret: "a link secret of tests",
            allowsPrivateWebhooks: true, coolDown: coolDown, frequentHits: frequentHits, escalation: escalation,
            escalationInterval: .milliseconds(50), requestTimeout: requestTimeout,
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
            http: http, pool: pool, namespace: namespace, logger: logger)
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
    /// - Returns: what other workers would be told.
    @discardableResult
    func takeIn(_ alerts: [Alert]) async throws -> Effects {
        let items = try alerts.enumerated().map { index, alert in
            let record = Record(
                topic: "alerts.v1", partition: 0, offset: Int64(index), value: Array(try JSONEncoder().encode(alert)))
            return Batch<AlertEvent>.Item(event: try #require(try notifier.decode(record)), record: record)
        }
        return try await settle(items)
    }

    /// Takes in what people did, as one batch of a lane.
    @discardableResult
    func takeIn(actions: [AlertAction], lane: Int32 = 0) async throws -> Effects {
        try await settle(
            try actions.enumerated().map { index, action in
                let record = Record(
                    topic: "alert.actions.v1", partition: lane, offset: Int64(index),
                    value: Array(try JSONEncoder().encode(action)),
                    headers: [Header(HeaderNames.eventType, text: AlertAction.eventType)])
                return Batch<AlertEvent>.Item(event: try #require(try notifier.decode(record)), record: record)
            }, lane: lane)
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

    @discardableResult
    private func settle(_ items: [Batch<AlertEvent>.Item], lane: Int32 = 0) async throws -> Effects {
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        let decision = try notifier.decide(Batch(lane: lane, items: items, nowMilliseconds: now))
        return try await pool.withTransaction { transaction in
            try await notifier.apply(
                decision, in: transaction,
                context: ApplyContext(
                    lane: lane, laneCount: Self.laneCount, attempt: 1, mayConflict: false, nowMilliseconds: now))
        }
    }

    /// Holds all lanes while `body` runs.
    /// - Parameters:
    ///   - catchUp: what a lane processes of the broker's records before an escalation.
    ///   - bodiesRun: how often the transactions' bodies run, as after commits whose answer was lost.
    func whileHoldingLanes(
        bodiesRun: Int = 1, catchUp: @escaping @Sendable () async throws -> Void = {},
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let pool = pool
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<Self.laneCount {
                let session = LaneSession<PostgresTransaction>(
                    lane: lane, laneCount: Self.laneCount,
                    passEnds: { _ in
                        try await catchUp()
                        return true
                    }
                ) { work in
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

    static let customer = "wmR4xTCwAAq0Zc7hVw2Ue8mJt5Lk9PsA"

    static func action(
        _ id: String, _ kind: AlertAction.Kind, on alert: String, by actor: String, result: AlertResult? = nil,
        note: String? = nil, at: Int64 = 1_773_108_260_000
    ) -> AlertAction {
        AlertAction(
            corpID: "ww1", alertID: alert, conversationID: "s:wangfang|\(customer)", actionID: id, kind: kind,
            actor: actor, origin: .command, at: at, result: result, note: note)
    }

    /// - Parameter seconds: how long after the others it was said.
    static func alert(
        _ id: String, robots: [String] = ["compliance"], webhooks: [String] = [], text: String = "再不处理我就维权",
        severity: Severity = .serious, after seconds: Int64 = 0, recipients: [String] = [], rule: String = "rights",
        in conversation: String? = nil
    ) -> Alert {
        let customer = customer
        return Alert(
            alertID: id, corpID: "ww1",
            rule: .init(
                id: rule, name: "客户维权", severity: severity, version: "v1", robots: robots, webhooks: webhooks,
                recipients: recipients),
            message: ChatMessage(
                corpID: "ww1", messageID: "m-\(id)", filedAt: nil, sentAt: 1_773_108_201_000 + seconds * 1_000,
                sequence: nil,
                action: "send", messageType: "text",
                conversation: Conversation(id: conversation ?? "s:wangfang|\(customer)", kind: .single, external: true),
                sender: Party(id: customer, kind: .customer), recipients: [], text: text),
            spans: [.init(start: 6, end: 8, pattern: "维权")], employeeID: "wangfang", customerID: customer,
            raisedAt: 1_773_108_202_000)
    }
}
