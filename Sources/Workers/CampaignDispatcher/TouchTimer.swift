import Campaigns
import Contracts
import Logging
import Postgres
import Records
import Synchronization
import WorkerRuntime

/// Fires the timers of a lane: asks the guards about each touch whose time has come.
struct TouchTimer: Sendable {
    /// Touches judged in one transaction.
    private static let batch = 200

    let lane: LaneSession<PostgresTransaction>
    let laneCount: Int32
    let settings: DispatcherSettings
    let configuration: @Sendable () -> DispatcherConfiguration
    let touchesTopic: String
    let pool: PostgresPool
    let logger: Logger

    /// Until the lane is given up (cancelled).
    func run() async throws {
        while true {
            do {
                if let moment = try await TouchStore.dueNow(lane: lane.lane, pool: pool) {
                    // The payment that ends a plan may wait in the lag.
                    _ = try await lane.catchUp(within: settings.lagPatience)
                    while try await fire(at: moment) == Self.batch {}
                }
            } catch let error as PostgresError where error != .cancelled {
                // The runtime tells of a database that is away, and of its return.
                logger.debug("Cannot look for due touches", metadata: ["error": "\(error)"])
            }
            try await Task.sleep(for: settings.pollInterval)
        }
    }

    /// - Returns: how many were judged.
    private func fire(at moment: Int64) async throws -> Int {
        let count = Mutex(0)
        try await lane.transaction { transaction in
            let due = try await TouchStore.due(lane: lane.lane, at: moment, limit: Self.batch, in: transaction)
            count.withLock { $0 = due.count }
            guard !due.isEmpty else { return .none }
            let now = try await TouchStore.now(in: transaction)
            let judged = try await judge(due, now: now, in: transaction)
            try await TouchStore.save(judged, now: now, in: transaction)
            let refused = judged.filter { if case .refuse = $0.verdict { true } else { false } }
            try await PassageStore.finish(refused.map(\.touch.touchID), now: now, in: transaction)
            return Effects(outbox: try judged.filter(\.isNews).map { try record($0, now: now) })
        }
        return count.withLock { $0 }
    }

    /// One after the other: what one touch takes from a customer's caps the next one no longer has.
    private func judge(
        _ due: [TouchRow], now: Int64, in transaction: PostgresTransaction
    ) async throws -> [TouchStore.Judged] {
        let configuration = configuration()
        let days = configuration.corps.values.map(\.configuration.guards.repeatDays).max() ?? 0
        var facts = try await FactStore.facts(
            Set(due.map(\.customer)).sorted(), sentSince: now - Int64(max(days, 7)) * 86_400_000, in: transaction)
        return due.map { touch in
            guard let corp = configuration.corps[touch.corpID] else {
                return TouchStore.Judged(touch: touch, verdict: .refuse(.planRemoved))
            }
            var touch = touch
            touch.planVersion = corp.version
            let verdict = GuardRails(corp.configuration, clock: settings.clock).judge(
                .init(
                    planID: touch.planID, stepID: touch.stepID, anchor: touch.anchor, validUntil: touch.validUntil),
                facts[touch.customer] ?? CustomerFacts(), now: now, hash: ContentHash.of)
            if let reason = verdict.reason {
                if case .wait = verdict {
                    DispatcherMetrics.guarded("deferred", reason)
                } else {
                    DispatcherMetrics.guarded("refused", reason)
                }
            }
            var judged = TouchStore.Judged(touch: touch, verdict: verdict)
            if case .allow(let employee) = verdict, let step = corp.step(touch.planID, touch.stepID) {
                let hash = ContentHash.of(step)
                judged.contentHash = hash
                judged.sendLane = SenderLane.of(
                    corpID: touch.corpID, employeeID: employee, laneCount: laneCount)
                facts[touch.customer, default: CustomerFacts()].sent.append(.init(at: now, contentHash: hash))
            }
            return judged
        }
    }

    private func record(_ judged: TouchStore.Judged, now: Int64) throws -> OutgoingRecord {
        let state: Touch.State = if case .wait = judged.verdict { .deferred } else { .refused }
        return try judged.touch.record(state, reason: judged.verdict.reason?.rawValue, at: now, topic: touchesTopic)
    }
}
