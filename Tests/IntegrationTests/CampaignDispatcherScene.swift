import CampaignDispatcher
import Campaigns
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

/// A dispatcher on a real database with a stand-in for WeCom, lanes included: what the runtime would do around the
/// handler, without Kafka.
struct CampaignDispatcherScene: Sendable {
    static let laneCount: Int32 = 3
    static let corp = "ww1"

    let pool: PostgresPool
    let sandbox: RunningSandbox
    let dispatcher: CampaignDispatcher
    private let secret: URL
    private let plans: Plans
    private let published: Published

    /// Calls are given long to answer: a starved machine must not make one look lost.
    static func run(
        _ configuration: CampaignsConfiguration = plans(), clock: BusinessClock = .fixed(noon),
        requestTimeout: Duration = Patience.limit, claimLifetime: Duration = Patience.limit,
        askFor: Duration = .seconds(300), sandbox settings: SandboxSettings = SandboxSettings(confirmsAfter: 0),
        _ body: @escaping @Sendable (CampaignDispatcherScene) async throws -> Void
    ) async throws {
        try await TestDatabase.withDatabase { database in
            try await database.withPool(size: 8) { pool in
                try await RunningSandbox.with(settings) { sandbox in
                    try await OutboundHTTP.withClient(
                        requestTimeout: requestTimeout, connectTimeout: requestTimeout
                    ) { http in
                        let settings = DispatcherSettings(
                            weComBaseURL: sandbox.baseURL, clock: clock, requestTimeout: requestTimeout,
                            claimLifetime: claimLifetime, pollInterval: .milliseconds(30), askFor: askFor,
                            resultInterval: .milliseconds(50))
                        let scene = try CampaignDispatcherScene(configuration, settings, pool, sandbox, http)
                        defer { try? FileManager.default.removeItem(at: scene.secret) }  // a temporary file
                        try await body(scene)
                    }
                }
            }
        }
    }

    private init(
        _ configuration: CampaignsConfiguration, _ settings: DispatcherSettings, _ pool: PostgresPool,
        _ sandbox: RunningSandbox, _ http: OutboundHTTP
    ) throws {
        self.pool = pool
        self.sandbox = sandbox
        secret = FileManager.default.temporaryDirectory.appending(path: "contact-\(UUID().uuidString)")
        try Data("contact-secret".utf8).write(to: secret)
        let plans = Plans(configuration)
        self.plans = plans
        published = Published()
        let reference = "file:\(secret.path)"
        var logger = Logger(label: "dispatcher")
        logger.logLevel = .critical
        dispatcher = CampaignDispatcher(
            settings: settings,
            configuration: {
                DispatcherConfiguration(
                    corps: [CorpPlans(plans.value.withLock { $0 }, version: "v1")], secrets: [Self.corp: reference])
            },
            touchesTopic: "campaign.touches.v1", http: http, pool: pool, logger: logger)
    }

    /// The plans, which may change while the dispatcher runs.
    private final class Plans: Sendable {
        let value: Mutex<CampaignsConfiguration>
        init(_ value: CampaignsConfiguration) { self.value = Mutex(value) }
    }

    /// What went into the outbox, in order.
    private final class Published: Sendable {
        let touches = Mutex<[Touch]>([])
    }

    var touches: [Touch] { published.touches.withLock { $0 } }

    func change(_ body: (inout CampaignsConfiguration) -> Void) { plans.value.withLock { body(&$0) } }

    // MARK: What the runtime does

    /// - Returns: what could not be taken in.
    @discardableResult
    func takeIn(_ events: [CustomerEvent]) async throws -> [DeadLetter] {
        try await settle(try events.map { try item($0, topic: "customer.events.v1") })
    }

    func takeIn(_ changes: [TagChange]) async throws {
        _ = try await settle(try changes.map { try item($0, topic: "customer.tags.v1") })
    }

    private func item(_ value: some Encodable, topic: String) throws -> Batch<DispatchEvent>.Item {
        let record = Record(topic: topic, partition: 0, offset: 0, value: Array(try JSONEncoder().encode(value)))
        return .init(event: try #require(try dispatcher.decode(record)), record: record)
    }

    private func settle(_ items: [Batch<DispatchEvent>.Item]) async throws -> [DeadLetter] {
        let now = Self.now
        let decision = try dispatcher.decide(Batch(lane: 0, items: items, nowMilliseconds: now))
        let effects = try await pool.withTransaction { transaction in
            try await dispatcher.apply(
                decision, in: transaction,
                context: ApplyContext(
                    lane: 0, laneCount: Self.laneCount, attempt: 1, mayConflict: false, nowMilliseconds: now))
        }
        try keep(effects)
        return effects.deadLetters
    }

    private func keep(_ effects: Effects) throws {
        let touches = try effects.outbox.map { try JSONDecoder().decode(Touch.self, from: Data($0.value ?? [])) }
        published.touches.withLock { $0 += touches }
    }

    /// Holds all lanes while `body` runs.
    /// - Parameters:
    ///   - bodiesRun: how often the transactions' bodies run, as after commits whose answer was lost.
    ///   - hasPassed: whether the lanes have passed the ends of their topics.
    func whileHoldingLanes(
        bodiesRun: Int = 1, hasPassed: @escaping @Sendable () -> Bool = { true },
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let pool = pool
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<Self.laneCount {
                let session = LaneSession<PostgresTransaction>(
                    lane: lane, laneCount: Self.laneCount,
                    passEnds: { patience in
                        if !hasPassed() { try await Task.sleep(for: patience) }
                        return hasPassed()
                    }
                ) { work in
                    try Task.checkCancellation()
                    for _ in 0..<bodiesRun {
                        let effects = try await pool.withTransaction { transaction in
                            try await transaction.execute(
                                "SELECT pg_advisory_xact_lock($1)", [.int64(Int64(lane))])
                            return try await work(transaction)
                        }
                        try keep(effects)
                    }
                }
                group.addTask {
                    do { try await dispatcher.run(while: session) } catch is CancellationError {}
                }
            }
            defer { group.cancelAll() }
            try await body()
        }
    }

    func count(_ what: String) async throws -> Int {
        let rows = try await pool.execute("SELECT count(*) FROM \(what)")
        return Int(try #require(rows.first).decode(Int64.self, at: 0))
    }

    func wait(for what: String, toBe count: Int = 1) async throws {
        try await eventually("\(count) × \(what)") { try await self.count(what) == count }
    }

    // MARK: Plans and events

    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    static var noon: TimeOfDay { time("12:00") }

    static func time(_ text: String) -> TimeOfDay {
        guard let time = TimeOfDay(text) else { preconditionFailure("\(text) is no time of the day") }
        return time
    }

    /// One plan: a cart, at once, ended by a payment.
    static func plans(_ plans: [CampaignsConfiguration.Plan] = [plan("cart")]) -> CampaignsConfiguration {
        CampaignsConfiguration(
            corpID: corp,
            guards: .init(
                consent: .assumed, quietFrom: time("21:00"), quietUntil: time("09:00"), stopTags: ["blacklist"],
                optOutRules: ["opt_out"]), plans: plans)
    }

    static func plan(
        _ id: String, trigger: CampaignsConfiguration.Condition = .event("cart.added"), after minutes: Int = 0,
        text: String = "购物车里还有好物"
    ) -> CampaignsConfiguration.Plan {
        .init(
            id: id, name: id, trigger: trigger, endsOn: [.event("order.paid")],
            steps: [.init(id: "remind", moment: .after(minutes: minutes), text: text)])
    }

    static func event(
        _ type: String, _ customer: String = "wm1", id: String = UUID().uuidString, secondsAgo: Int64 = 1,
        employee: String? = "hejun"
    ) -> CustomerEvent {
        CustomerEvent(
            corpID: corp, customerID: customer, source: "shop", type: type, eventID: id,
            occurredAt: now - secondsAgo * 1000, employeeID: employee)
    }

    static func alert(
        _ type: String, _ customer: String = "wm1", rule: String = "rights", side: Party.Kind = .customer,
        after milliseconds: Int64 = 0
    ) -> CustomerEvent {
        CustomerEvent(
            corpID: corp, customerID: customer, source: "alerts", type: type, eventID: UUID().uuidString,
            occurredAt: now + milliseconds, side: side, alertID: "a1", ruleID: rule, severity: .serious)
    }
}
