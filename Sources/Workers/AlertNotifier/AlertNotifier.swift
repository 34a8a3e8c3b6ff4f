import Alerting
package import Contracts
import CoreMetrics
import Foundation
package import Logging
package import Postgres
package import Records
package import WeCom
package import WorkerRuntime

/// Tells people of alerts: by messages of the corp's WeCom app, by group robot and by generic webhook. What follows an alert in its conversation, and
/// further hits of its rule within the cool-down, are shown on its page.
///
/// Decides what people did about alerts, and lets the next person hear of an alert that is left alone.
///
/// Consumes ``Topics/alerts`` and, a door, ``Topics/alertActions``; publishes ``Topics/alertStates`` and, for alerts about
/// one customer, ``Topics/customerEvents`` through the outbox. Effect: an alert and its deliveries are stored exactly once,
/// in the transaction that also advances the offset; an alert is unique by its id, a delivery by (alert, escalation,
/// channel, target), a later line by (alert, msgid), an action by (corp, action id), a step of escalation by (alert,
/// revision, step), so a replay writes nothing new. Delivery itself is at least once: what may have arrived before a crash
/// is sent again under the same alert id, says 「可能重复」, and is recorded as `unsure`.
package struct AlertNotifier: BatchHandler {
    package typealias Transaction = PostgresTransaction

    /// What is to be stored of a batch.
    package struct Decision: Sendable {
        var alerts: [StoredAlert]
        var contexts: [AlertContext]
        var actions: [LifeStore.Incoming] = []
    }

    private let settings: NotifierSettings
    private let configuration: @Sendable () -> NotifierConfiguration
    private let http: OutboundHTTP
    private let pool: PostgresPool
    private let events: LifeEvents
    private let bell = DeliveryBell()
    private let tokens: AccessTokens
    private let logger: Logger

    /// - Parameters:
    ///   - configuration: the corps and directories in force now.
    ///   - pool: for looks at what is due; everything else goes through the lane's transactions.
    package init(
        settings: NotifierSettings, configuration: @escaping @Sendable () -> NotifierConfiguration,
        http: OutboundHTTP, pool: PostgresPool, namespace: Namespace = Namespace(), logger: Logger
    ) {
        events = LifeEvents(namespace: namespace)
        self.settings = settings
        self.configuration = configuration
        self.http = http
        self.pool = pool
        tokens = AccessTokens(app: CorpApp(http: http, baseURL: settings.weComBaseURL), pool: pool)
        self.logger = logger
    }

    package func decode(_ record: Record) throws(Undecodable) -> AlertEvent? {
        let type = record.header(HeaderNames.eventType).map { String(decoding: $0, as: UTF8.self) }
        guard let value = record.value else { throw Undecodable(reason: "no_value", detail: "the value is null") }
        let event: AlertEvent?
        do {
            event = try AlertEvent(type: type, value: value)
        } catch {
            throw Undecodable(reason: "malformed_alert", detail: Self.place(of: error))
        }
        guard let event else { return nil }
        if let fault = event.fault { throw Undecodable(reason: fault.reason, detail: fault.detail) }
        return event
    }

    /// `<corp>/<conversation>`. Alerts are told, and actions decided, one by one, so nothing waits behind a dead letter.
    package func key(of event: AlertEvent) -> [UInt8]? { Array("\(event.corpID)/\(event.conversationID)".utf8) }

    package func decide(_ batch: Batch<AlertEvent>) throws -> Decision {
        let configuration = configuration()
        var decision = Decision(alerts: [], contexts: [])
        for item in batch.items {
            switch item.event {
            case .raised(let alert):
                decision.alerts.append(
                    StoredAlert(
                        alert: alert, event: item.record.value ?? [],
                        deliveries: configuration.deliveries(of: alert, now: batch.nowMilliseconds)))
            case .context(let context): decision.contexts.append(context)
            case .acted(let action): decision.actions.append(.init(action: action, record: item.record))
            }
        }
        return decision
    }

    package func apply(
        _ decision: Decision, in transaction: PostgresTransaction, context: ApplyContext
    ) async throws -> Effects {
        let configuration = configuration()
        let alerts = try await AlertStore.merge(
            decision.alerts, coolDown: settings.coolDown,
            frequency: (settings.frequentHits, settings.frequencyWindow), in: transaction
        ) { configuration.deliveries(of: $0, now: context.nowMilliseconds) }
        try await AlertStore.insert(alerts, laneCount: context.laneCount, in: transaction)
        try await ContextStore.insert(decision.contexts, in: transaction)
        let working = configuration.workingClocks(instead: settings.workingClock)
        let opened = try await LifeStore.open(
            alerts, lane: context.lane, policy: settings.escalation, working: working, in: transaction)
        // After the alerts of the batch, which they may be about.
        let settled = try await LifeStore.settle(
            decision.actions, policy: settings.escalation, working: working,
            name: { configuration.name(of: $1, in: $0) }, in: transaction)
        for stored in alerts { report(stored) }
        for (kind, outcome) in settled.outcomes { NotifierMetrics.acted(kind, outcome) }
        // Rung before the commit: the lanes look a few times in a row.
        bell.ring(Set(alerts.flatMap { $0.lanes(of: context.laneCount) }))
        let records =
            try opened.flatMap { try events.records($0, as: .alertOpened, by: nil, at: $0.openedAt) }
            + settled.changes.flatMap {
                try events.records($0.entry, as: $0.type, by: $0.actor, at: $0.at)
            }
        return Effects(outbox: records, deadLetters: settled.deadLetters)
    }

    package func run(while lane: LaneSession<PostgresTransaction>) async throws {
        let sender = TargetSender(
            lane: lane, settings: settings, configuration: configuration, http: http, tokens: tokens,
            logger: logger)
        let deliveries = LaneDeliveries(
            lane: lane.lane, pool: pool, bell: bell, pollInterval: settings.pollInterval, sender: sender, logger: logger
        )
        let escalations = LaneEscalations(
            lane: lane, settings: settings, configuration: configuration, pool: pool, bell: bell, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await deliveries.run() }
            group.addTask { try await escalations.run() }
            // The first to end ends both, with its error.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func report(_ stored: StoredAlert) {
        // Told once for each target by whoever is to send there; here they are only counted.
        if stored.joins != nil { NotifierMetrics.joined.increment() }
        if stored.isRaised { NotifierMetrics.raised.increment() }
        NotifierMetrics.unknownTargets.increment(by: Int64(stored.ownDeliveries.count { !$0.isKnown }))
        if stored.isUndeliverable {
            NotifierMetrics.undeliverable.increment()
            logger.error("No target for an alert; it is kept as undeliverable", metadata: LogKeys.alert(stored.alert))
        }
    }

    /// Says where, never what.
    private static func place(of error: any Error) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        switch error {
        case DecodingError.keyNotFound(let key, let context): return "missing \(path(context)).\(key.stringValue)"
        case DecodingError.typeMismatch(_, let context): return "wrong type at \(path(context))"
        case DecodingError.valueNotFound(_, let context): return "null at \(path(context))"
        case DecodingError.dataCorrupted(let context): return "invalid at \(path(context))"
        default: return "not readable"
        }
    }
}
