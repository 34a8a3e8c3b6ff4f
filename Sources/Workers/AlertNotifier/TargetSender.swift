import Alerting
import Contracts
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
    /// Deliveries that one summary to a person may tell of.
    private static let appBatch = 200
    /// Attempts after which others are told too.
    private static let patientAttempts = 5
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
        configuration: @escaping @Sendable () -> NotifierConfiguration, http: OutboundHTTP, tokens: AccessTokens,
        logger: Logger
    ) {
        self.lane = lane
        self.settings = settings
        self.configuration = configuration
        self.caller = ChannelCaller(
            http: http, tokens: tokens, settings: settings, configuration: configuration)
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
        if target.channel == .app { try await changeCards(of: target) }
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
            directory: configuration().directory(of: target.corpID),
            hasButtons: configuration().app(of: target.corpID)?.hasCallback ?? false,
            recipient: target.channel == .app ? target.id : nil)
        let earlier = try await DeliveryStore.claimed(id, in: transaction)
        if !earlier.isEmpty {
            let isOneCall = earlier.allSatisfy { $0.callID == id }
            let composed = compose(
                target, id: id, earlier.map(\.delivery), waiting: earlier.count,
                free: isOneCall ? 0 : Int.max, with: composer)
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
        var free = Int.max
        if let bucket = Self.bucket(of: target.channel) {
            let budget = CallBudget(bucket, starts: calls.starts)
            let next = budget.nextAvailable(at: now)
            if next > now { return .wait(.milliseconds(next - now)) }
            free = budget.available(at: now)
        }
        var (due, waiting) = try await DeliveryStore.due(target, limit: Self.batch(of: target.channel), in: transaction)
        guard !due.isEmpty else { return .nothingDue }
        for index in due.indices { _ = due[index].machine.claim() }
        let composed = compose(target, id: id, due, waiting: waiting, free: free, with: composer)
        try await DeliveryStore.giveUpUnreadable(composed.unreadable, in: transaction)
        guard !composed.calls.isEmpty else { return .nothingDue }
        let claim = Claim(id: id, target: target, calls: composed.calls)
        try await DeliveryStore.store(
            claim, expiresAfter: (settings.claimLifetime + longestCall(target.channel)) / .seconds(1), in: transaction)
        return .claimed(claim)
    }

    private static func bucket(of channel: Channel) -> TokenBucket? {
        switch channel {
        case .robot: .groupRobot
        case .app: .appMember
        case .webhook: nil
        }
    }

    private static func batch(of channel: Channel) -> Int {
        switch channel {
        case .robot: robotBatch
        case .app: appBatch
        case .webhook: webhookBatch
        }
    }

    /// The app's call may wait for a token, twice, and be repeated with another one and without buttons.
    private func longestCall(_ channel: Channel) -> Duration {
        channel == .app ? settings.requestTimeout * 8 : settings.requestTimeout
    }

    /// Changes the cards that a person has and that say something else by now.
    private func changeCards(of target: DeliveryTarget) async throws {
        let due = Mutex<[CardStore.Change]>([])
        try await lane.transaction { transaction in
            let changes = try await CardStore.claim(of: target, in: transaction)
            // Committed twice, the second run finds nothing any more.
            due.withLock { $0 = changes.isEmpty ? $0 : changes }
            return .none
        }
        for change in due.withLock({ $0 }) {
            try await Task {
                let outcome = await caller.change(change, of: target)
                if case .again = outcome { return }
                let isShown = if case .done = outcome { true } else { false }
                try await lane.transaction { transaction in
                    try await CardStore.end(change, isShown: isShown, in: transaction)
                    return .none
                }
            }.value
            try Task.checkCancellation()
        }
    }

    private func compose(
        _ target: DeliveryTarget, id: String, _ deliveries: [OpenDelivery], waiting: Int, free: Int,
        with composer: ClaimComposer
    ) -> ClaimComposer.Composed {
        switch target.channel {
        case .robot: composer.robotCall(id: id, deliveries, waiting: waiting)
        case .webhook: composer.webhookCalls(id: id, deliveries)
        case .app: composer.appCalls(id: id, deliveries, waiting: waiting, free: free)
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
        let cards = zip(claim.calls, reports).compactMap { call, report in
            call.card.flatMap { card in
                report.responseCode.map {
                    CardStore.Sent(taskID: card.taskID, alertID: card.alertID, responseCode: $0)
                }
            }
        }
        let attempts = Dictionary(
            claim.calls.flatMap(\.deliveries).map { ($0.id, $0.machine.attempts) },
            uniquingKeysWith: { first, _ in first })
        let unreached = finished.filter {
            $0.change.state != .delivered
                && ($0.change.reason != nil || attempts[$0.deliveryID, default: 0] >= Self.patientAttempts)
        }
        let fallbacks = configuration().corp(claim.target.corpID)?.fallbackRobots ?? []
        try await lane.transaction { [lane] transaction in
            try await DeliveryStore.finish(claim.id, finished, in: transaction)
            try await CardStore.insert(cards, of: claim.target, lane: lane.lane, in: transaction)
            try await DeliveryStore.fallBack(
                unreached.map(\.deliveryID), of: claim.target.corpID, to: fallbacks, laneCount: lane.laneCount,
                in: transaction)
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
