package import Contracts
import ConversationArchive
import JSON
package import Postgres
package import Records
import SensitiveWords
import Synchronization
package import WorkerRuntime

/// Judges every archived message by its corp's rules, keeps the hits and raises the alerts, with the lines around them.
///
/// Consumes ``Topics/chatMessages``; publishes ``Topics/alerts`` through the outbox, keyed by conversation.
/// A hit is unique by (corp, msgid, rule), and only a row that was really inserted raises an alert: a replay, or the same
/// message through another partition, writes nothing and alerts nobody. Alerts of a conversation go out in the order in
/// which its messages came. A later line and a recall are told once for each alert, because the alert's watch is stored
/// with what it knows. Judging is stateless; only what goes with an alert depends on messages before it.
package final class SensitiveWordMonitor: BatchHandler {
    private let alertsTopic: String
    private let maximumAlertAge: Duration
    private let memory: ConversationMemory
    private let configuration: @Sendable () -> MonitorConfiguration
    private let parser = Mutex(JSONParser())

    /// - Parameters:
    ///   - alertsTopic: With namespace.
    ///   - maximumAlertAge: Hits in messages sent longer ago are stored as backfill and alert nobody.
    ///   - context: How much of the conversation goes with an alert.
    ///   - configuration: What is in force; asked once for each batch.
    package init(
        alertsTopic: String, maximumAlertAge: Duration, context: ContextLimits = ContextLimits(),
        configuration: @escaping @Sendable () -> MonitorConfiguration
    ) {
        self.alertsTopic = alertsTopic
        self.maximumAlertAge = maximumAlertAge
        memory = ConversationMemory(limits: context)
        self.configuration = configuration
    }

    package func decode(_ record: Record) throws(Undecodable) -> ChatMessage? {
        guard let value = record.value else {
            throw Undecodable(reason: "malformed_json", detail: "the record has no value")
        }
        let message = try parser.withLock { (parser) throws(Undecodable) in
            do {
                return try ChatMessage(json: parser.parse(value).root)
            } catch let error as EventFormatError {
                throw Undecodable(reason: "malformed_event", detail: error.description)
            } catch let error as JSONError {
                throw Undecodable(reason: "malformed_json", detail: error.description)
            } catch {
                throw Undecodable(reason: "malformed_json", detail: "unreadable")
            }
        }
        return Self.isLine(message) || message.recalledMessageID != nil ? message : nil
    }

    /// Said by somebody; a customer's answer to the archive notice is not.
    private static func isLine(_ message: ChatMessage) -> Bool {
        message.action == "send" && message.messageType != "agree" && message.messageType != "disagree"
    }

    /// `<corp>/<conversation>`. A message is judged by itself, so nothing waits behind a dead letter.
    package func key(of message: ChatMessage) -> [UInt8]? {
        Array("\(message.corpID)/\(message.conversation.id)".utf8)
    }

    package func ruleVersion(of record: Record) -> String? {
        record.header(HeaderNames.corpID).flatMap {
            configuration().rules[String(decoding: $0, as: UTF8.self)]?.set.version
        }
    }

    package func decide(_ batch: Batch<ChatMessage>) -> Judgement {
        let configuration = configuration()
        var judges = configuration.rules.mapValues { rules in
            Judge(rules: rules.set, departments: configuration.departments[rules.set.corpID])
        }
        let oldestAlert = batch.nowMilliseconds - maximumAlertAge.milliseconds
        var judged: Set<JudgedHit.Key> = []
        var judgement = Judgement()
        for item in batch.items {
            let message = item.event
            guard let rules = configuration.rules[message.corpID] else { continue }
            let moment = Self.moment(of: message)
            let isBackfill = moment.map { $0 < oldestAlert } ?? false
            let hits = (judges[message.corpID]?.hits(in: message) ?? []).map { hit in
                JudgedHit(hit: hit, message: message, isBackfill: isBackfill, judgedAt: batch.nowMilliseconds)
            }.filter { judged.insert($0.key).inserted }
            judgement.hits += hits
            // What alerts nobody needs no context either.
            guard !isBackfill, rules.covers(message.conversation) else { continue }
            judgement.spoken.append(
                Judgement.Spoken(message: message, hits: hits, moment: moment ?? batch.nowMilliseconds))
        }
        return judgement
    }

    /// When a message was said: when it was sent, or else the time inside its id.
    private static func moment(of message: ChatMessage) -> Int64? { message.sentAt ?? message.filedAt }

    package func apply(
        _ judgement: Judgement, in transaction: PostgresTransaction, context: ApplyContext
    ) async throws -> Effects {
        guard !judgement.hits.isEmpty || !judgement.spoken.isEmpty else { return .none }
        return Effects(outbox: try await memory.take(judgement, in: transaction).map(record))
    }

    /// A conversation's messages come through one lane: lanes do not touch the same rows.
    package var sharesTransactions: Bool { true }

    /// All as one: as many statements as for one lane. Each event goes out by the lane of its conversation.
    package func apply(
        _ decisions: [LaneDecision<Judgement>], in transaction: PostgresTransaction, context: ApplyContext
    ) async throws -> [Effects] {
        let all = Judgement(joining: decisions.map(\.decision))
        var places: [ConversationKey: Int] = [:]
        for (place, part) in decisions.enumerated() {
            for spoken in part.decision.spoken { places[spoken.conversation] = place }
        }
        var effects = decisions.map { _ in Effects.none }
        guard !all.hits.isEmpty || !all.spoken.isEmpty else { return effects }
        for event in try await memory.take(all, in: transaction) {
            effects[places[event.conversation] ?? 0].outbox.append(try record(event))
        }
        return effects
    }

    private func record(_ event: ContextTracker.Event) throws -> OutgoingRecord {
        switch event {
        case .alert(let hit, let before, let recalled):
            try hit.alertRecord(topic: alertsTopic, before: before, recalled: recalled)
        case .context(let context):
            try .alertEvent(
                context, type: AlertContext.eventType, topic: alertsTopic, corpID: context.corpID,
                conversationID: context.conversationID)
        }
    }

    /// Forgets silent conversations now and then. One lane does it for all.
    package func run(while lane: LaneSession<PostgresTransaction>) async throws {
        guard lane.lane == 0 else { return }
        let age = memory.limits.age
        while true {
            try await Task.sleep(for: Self.sweepPause)
            let more = Mutex(true)
            while more.withLock({ $0 }) {
                try await lane.transaction { transaction in
                    let rest = try await ConversationStore.sweep(olderThan: age, in: transaction)
                    more.withLock { $0 = rest }
                    return .none
                }
            }
        }
    }

    private static let sweepPause = Duration.seconds(60)
}

extension Duration {
    var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
