import Campaigns
import Contracts
import Foundation
package import Logging
package import Postgres
package import Records
package import WeCom
package import WorkerRuntime

/// Leads customers through the plans in force: an event or a tag starts a passage, its steps come due, the guards judge,
/// and employees get mass-send tasks.
///
/// Consumes ``Topics/customerEvents`` and ``Topics/customerTags``; publishes ``Topics/campaignTouches`` through the
/// outbox. Effect: a passage is unique by (corp, plan, customer, day it began) and a touch by (plan, step, customer, that
/// day), so a replay starts nothing anew; facts about customers carry the moment they are of, so their order does not
/// matter. A touch is sent at most once: a call without an answer is asked about and never made again.
package struct CampaignDispatcher: BatchHandler {
    package typealias Transaction = PostgresTransaction
    package typealias Event = DispatchEvent
    package typealias Decision = DispatchDecision

    private let settings: DispatcherSettings
    private let configuration: @Sendable () -> DispatcherConfiguration
    private let touchesTopic: String
    private let massSend: MassSend
    private let tokens: AccessTokens
    private let pool: PostgresPool
    private let logger: Logger

    /// - Parameters:
    ///   - configuration: the plans and corps in force now.
    ///   - touchesTopic: with namespace.
    ///   - pool: for looks at what is due and for access tokens; everything else goes through the lane's transactions.
    package init(
        settings: DispatcherSettings, configuration: @escaping @Sendable () -> DispatcherConfiguration,
        touchesTopic: String, http: OutboundHTTP, pool: PostgresPool, logger: Logger
    ) {
        self.settings = settings
        self.configuration = configuration
        self.touchesTopic = touchesTopic
        massSend = MassSend(http: http, baseURL: settings.weComBaseURL)
        tokens = AccessTokens(http: http, baseURL: settings.weComBaseURL, store: TokenStore(pool: pool))
        self.pool = pool
        self.logger = logger
    }

    package func decode(_ record: Record) throws(Undecodable) -> DispatchEvent? {
        guard let value = record.value else { throw Undecodable(reason: "no_value", detail: "the value is null") }
        let event: DispatchEvent
        do {
            event = try DispatchEvent(record, value: value)
        } catch {
            throw Undecodable(reason: "malformed_event", detail: "not the JSON of a customer event or tag change")
        }
        if let fault = event.fault { throw Undecodable(reason: "invalid_event", detail: fault) }
        return event
    }

    /// `<corp>/<customer>`.
    package func key(of event: DispatchEvent) -> [UInt8]? { Array("\(event.corpID)/\(event.customerID)".utf8) }

    package func decide(_ batch: Batch<DispatchEvent>) throws -> DispatchDecision {
        var events: [DispatchEvent] = []
        var deadLetters: [DeadLetter] = []
        for item in batch.items {
            if case .event(let event) = item.event, event.isFarFuture(at: batch.nowMilliseconds) {
                deadLetters.append(
                    DeadLetter(
                        record: item.record, reason: "far_future",
                        detail: "occurred_at is more than 24 hours ahead of the clock", key: key(of: item.event)))
            } else {
                events.append(item.event)
            }
        }
        var decision = DispatchDecision(events, plans: configuration())
        decision.deadLetters = deadLetters
        return decision
    }

    package func apply(
        _ decision: DispatchDecision, in transaction: PostgresTransaction, context: ApplyContext
    ) async throws -> Effects {
        try await FactStore.save(decision, in: transaction)
        let refused = try await PassageStore.follow(
            decision.turns, lane: context.lane, now: context.nowMilliseconds, in: transaction)
        return Effects(
            outbox: try refused.map {
                try $0.record(
                    .refused, reason: GuardRails.Reason.planEnded.rawValue, at: context.nowMilliseconds,
                    topic: touchesTopic)
            }, deadLetters: decision.deadLetters)
    }

    package func run(while lane: LaneSession<PostgresTransaction>) async throws {
        let timer = TouchTimer(
            lane: lane, laneCount: lane.laneCount, settings: settings, configuration: configuration,
            touchesTopic: touchesTopic, pool: pool, logger: logger)
        let sender = TaskSender(
            lane: lane, settings: settings, configuration: configuration, massSend: massSend, tokens: tokens,
            touchesTopic: touchesTopic, pool: pool, logger: logger)
        let tasks = LaneTasks(
            lane: lane.lane, pool: pool, pollInterval: settings.pollInterval, sender: sender, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await timer.run() }
            group.addTask { try await tasks.run() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
