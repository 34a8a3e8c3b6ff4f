import Alerting
import Foundation
import Logging
import Metrics
import Postgres
import Synchronization
import WeCom
import WorkerRuntime

/// Sends the due deliveries of one target: claim (committed) → call, outside any transaction and only in the claim's
/// time → record. Whoever vanishes in between leaves a claim that a successor finds.
struct TargetSender: Sendable {
    /// Deliveries looked at for one robot message; more never fit.
    private static let robotBatch = 24
    /// Webhook calls under way at the same time for one target.
    private static let webhookBatch = 8

    let lane: LaneSession<PostgresTransaction>
    let settings: NotifierSettings
    let configuration: @Sendable () -> NotifierConfiguration
    let caller: ChannelCaller
    let logger: Logger
    private let troubles = TargetTroubles()

    init(
        lane: LaneSession<PostgresTransaction>, settings: NotifierSettings,
        configuration: @escaping @Sendable () -> NotifierConfiguration, http: OutboundHTTP, logger: Logger
    ) {
        self.lane = lane
        self.settings = settings
        self.configuration = configuration
        self.caller = ChannelCaller(http: http, settings: settings, configuration: configuration)
        self.logger = logger
    }

    private enum Step: Sendable {
        case nothingDue
        case wait(Duration)
        case claimed(Claim)
    }

    /// Sends until nothing is due any more.
    ///
    /// - Returns: how long the target should be left alone although something is due; `nil` for not at all.
    func sendAllDue(_ target: DeliveryTarget) async throws -> Duration? {
        while true {
            let begun = ContinuousClock.now
            switch try await claim(target) {
            case .nothingDue: return nil
            case .wait(let pause): return pause
            case .claimed(let claim):
                // A call under way must be finished and recorded although the lane is being given up: cancelling it would
                // make its outcome unknown. Its own time-out bounds it, and the lane waits for this task.
                try await Task {
                    let isInTime = ContinuousClock.now - begun < settings.claimLifetime
                    let reports = isInTime ? await call(claim) : claim.calls.map { _ in CallReport.notStarted }
                    try await record(claim, reports)
                }.value
                try Task.checkCancellation()
            }
        }
    }

    private func claim(_ target: DeliveryTarget) async throws -> Step {
        let id = UUID().uuidString
        let step = Mutex(Step.nothingDue)
        try await lane.transaction { transaction in
            let next = try await claim(target, id: id, in: transaction)
            step.withLock { $0 = next }
            return .none
        }
        return step.withLock { $0 }
    }

    /// May run twice, the second time after a commit whose answer was lost.
    private func claim(_ target: DeliveryTarget, id: String, in transaction: PostgresTransaction) async throws -> Step {
        let now = try await DeliveryStore.now(in: transaction)
        let composer = ClaimComposer(
            link: AlertLink(baseURL: settings.linkBaseURL, secret: settings.linkSecret),
            linkExpiry: now / 1000 + settings.linkLifetime.components.seconds,
            directory: configuration().directory(of: target.corpID))
        let earlier = try await DeliveryStore.claimed(id, in: transaction)
        if !earlier.isEmpty {
            let composed = compose(target, id: id, earlier.map(\.delivery), waiting: earlier.count, with: composer)
            return .claimed(Claim(id: id, target: target, calls: composed.calls))
        }
        let expired = try await DeliveryStore.expireClaims(of: target, in: transaction)
        if expired > 0 {
            logger.warning(
                "Deliveries of a vanished owner may have arrived; they are repeated and say so",
                metadata: LogKeys.target(target).merging(["deliveries": "\(expired)"]) { first, _ in first })
        }
        let calls = try await DeliveryStore.recentCalls(to: target, in: transaction)
        if let until = calls.pausedUntil, until > now { return .wait(.milliseconds(until - now)) }
        if target.channel == .robot {
            let free = RobotBudget(starts: calls.starts).nextAvailable(at: now)
            if free > now { return .wait(.milliseconds(free - now)) }
        }
        let limit = target.channel == .robot ? Self.robotBatch : Self.webhookBatch
        var (due, waiting) = try await DeliveryStore.due(target, limit: limit, in: transaction)
        guard !due.isEmpty else { return .nothingDue }
        for index in due.indices { _ = due[index].machine.claim() }
        let composed = compose(target, id: id, due, waiting: waiting, with: composer)
        try await DeliveryStore.giveUpUnreadable(composed.unreadable, in: transaction)
        guard !composed.calls.isEmpty else { return .nothingDue }
        let claim = Claim(id: id, target: target, calls: composed.calls)
        try await DeliveryStore.store(
            claim, expiresAfter: (settings.claimLifetime + settings.requestTimeout) / .seconds(1), in: transaction)
        return .claimed(claim)
    }

    private func compose(
        _ target: DeliveryTarget, id: String, _ deliveries: [OpenDelivery], waiting: Int, with composer: ClaimComposer
    ) -> ClaimComposer.Composed {
        switch target.channel {
        case .robot: composer.robotCall(id: id, deliveries, waiting: waiting)
        case .webhook: composer.webhookCalls(id: id, deliveries)
        }
    }

    /// In the order of the claim's calls.
    private func call(_ claim: Claim) async -> [CallReport] {
        await withTaskGroup(of: (Int, CallReport).self) { group in
            for (index, call) in claim.calls.enumerated() {
                group.addTask { (index, await caller.call(claim.target, call.payload)) }
            }
            var reports = claim.calls.map { _ in CallReport.notStarted }
            for await (index, report) in group { reports[index] = report }
            return reports
        }
    }

    private func record(_ claim: Claim, _ reports: [CallReport]) async throws {
        var endings: [DeliveryStore.Ending] = []
        for (call, report) in zip(claim.calls, reports) {
            // Merged deliveries fail together and come back together.
            let jitter = Double.random(in: 0..<1)
            for delivery in call.deliveries {
                var machine = delivery.machine
                guard let change = machine.finish(report.result, policy: RetryPolicy(), jitter: jitter) else {
                    continue
                }
                endings.append(DeliveryStore.Ending(deliveryID: delivery.id, change: change, report: report))
            }
        }
        let finished = endings
        try await lane.transaction { transaction in
            try await DeliveryStore.finish(claim.id, finished, in: transaction)
            return .none
        }
        report(claim, finished)
    }

    private func report(_ claim: Claim, _ endings: [DeliveryStore.Ending]) {
        for (outcome, group) in Dictionary(grouping: endings, by: \.change.outcome) {
            NotifierMetrics.attempts(claim.target.channel, outcome, count: group.count)
            guard outcome != .delivered, let first = group.first else {
                if troubles.ends(at: claim.target) {
                    logger.notice("A target takes alerts again", metadata: LogKeys.target(claim.target))
                }
                continue
            }
            let metadata = LogKeys.target(claim.target).merging([
                "outcome": "\(outcome.rawValue)", "detail": "\(first.report.detail)", "deliveries": "\(group.count)",
                "http.status": "\(first.report.httpStatus.map(String.init) ?? "-")",
                "errcode": "\(first.report.errcode.map(String.init) ?? "-")",
            ]) { first, _ in first }
            if outcome == .failed {
                logger.error("Deliveries failed for good", metadata: metadata)
            } else if troubles.meets(first.report.kind, at: claim.target) {
                if first.change.reason == nil {
                    logger.warning("Deliveries are to be repeated", metadata: metadata)
                } else {
                    logger.error("Deliveries wait until the configuration is corrected", metadata: metadata)
                }
            }
        }
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        let delivered = Set(endings.filter { $0.change.state == .delivered }.map(\.deliveryID))
        for delivery in claim.calls.flatMap(\.deliveries) where delivered.contains(delivery.id) {
            NotifierMetrics.latency.recordMilliseconds(max(now - delivery.raisedAt, 0))
        }
    }
}
