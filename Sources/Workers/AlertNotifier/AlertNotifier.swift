import Alerting
import Contracts
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
/// Consumes ``Topics/alerts``; publishes nothing yet. Effect: an alert and its deliveries are stored exactly once, in the
/// transaction that also advances the offset; an alert is unique by its id and a delivery by (alert, channel, target), so
/// a replay writes nothing new. A later line is unique by (alert, msgid). Delivery itself is at least once: what may have arrived before a crash is sent again
/// under the same alert id, says 「可能重复」, and is recorded as `unsure`.
package struct AlertNotifier: BatchHandler {
    package typealias Transaction = PostgresTransaction

    /// What is to be stored of a batch.
    package struct Decision: Sendable {
        var alerts: [StoredAlert]
        var contexts: [AlertContext]
    }

    private let settings: NotifierSettings
    private let configuration: @Sendable () -> NotifierConfiguration
    private let http: OutboundHTTP
    private let pool: PostgresPool
    private let bell = DeliveryBell()
    private let tokens: AccessTokens
    private let logger: Logger

    /// - Parameters:
    ///   - configuration: the corps and directories in force now.
    ///   - pool: for looks at what is due; everything else goes through the lane's transactions.
    package init(
        settings: NotifierSettings, configuration: @escaping @Sendable () -> NotifierConfiguration,
        http: OutboundHTTP, pool: PostgresPool, logger: Logger
    ) {
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
        // The id travels in a header and in links.
        guard (1...200).contains(event.alertID.utf8.count),
            event.alertID.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else {
            throw Undecodable(reason: "invalid_alert_id", detail: "alert_id must be 1 to 200 visible ASCII characters")
        }
        return event
    }

    /// `<corp>/<conversation>`. Alerts are told one by one, so nothing waits behind a dead letter.
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
                        deliveries: AlertRouting(
                            for: alert, corp: configuration.corp(alert.corpID),
                            directory: configuration.directory(of: alert.corpID), now: batch.nowMilliseconds
                        ).deliveries))
            case .context(let context): decision.contexts.append(context)
            }
        }
        return decision
    }

    package func apply(
        _ decision: Decision, in transaction: PostgresTransaction, context: ApplyContext
    ) async throws -> Effects {
        let alerts = try await AlertStore.merge(decision.alerts, coolDown: settings.coolDown, in: transaction)
        try await AlertStore.insert(alerts, laneCount: context.laneCount, in: transaction)
        try await ContextStore.insert(decision.contexts, in: transaction)
        for stored in alerts { report(stored) }
        // Rung before the commit: the lanes look a few times in a row.
        bell.ring(Set(alerts.flatMap { $0.lanes(of: context.laneCount) }))
        return .none
    }

    package func run(while lane: LaneSession<PostgresTransaction>) async throws {
        let sender = TargetSender(
            lane: lane, settings: settings, configuration: configuration, http: http, tokens: tokens,
            logger: logger)
        try await LaneDeliveries(
            lane: lane.lane, pool: pool, bell: bell, pollInterval: settings.pollInterval, sender: sender, logger: logger
        ).run()
    }

    private func report(_ stored: StoredAlert) {
        // Told once for each target by whoever is to send there; here they are only counted.
        if stored.joins != nil { NotifierMetrics.joined.increment() }
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
