package import Contracts
import ConversationArchive
import JSON
package import Postgres
package import Records
import SensitiveWords
import Synchronization
package import WorkerRuntime

/// Judges every archived message by its corp's rules, keeps the hits and raises the alerts.
///
/// Consumes ``Topics/chatMessages``; publishes ``Topics/alerts`` through the outbox, keyed by conversation.
/// A hit is unique by (corp, msgid, rule), and only a row that was really inserted raises an alert: a replay, or the same
/// message through another partition, writes nothing and alerts nobody. Alerts of a conversation go out in the order in
/// which its messages came.
package final class SensitiveWordMonitor: BatchHandler {
    private let alertsTopic: String
    private let maximumAlertAge: Duration
    private let configuration: @Sendable () -> MonitorConfiguration
    private let parser = Mutex(JSONParser())

    /// - Parameters:
    ///   - alertsTopic: With namespace.
    ///   - maximumAlertAge: Hits in messages sent longer ago are stored as backfill and alert nobody.
    ///   - configuration: What is in force; asked once for each batch.
    package init(
        alertsTopic: String, maximumAlertAge: Duration, configuration: @escaping @Sendable () -> MonitorConfiguration
    ) {
        self.alertsTopic = alertsTopic
        self.maximumAlertAge = maximumAlertAge
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
        return Judge.concerns(message) ? message : nil
    }

    /// `<corp>/<conversation>`. A message is judged by itself, so nothing waits behind a dead letter.
    package func key(of message: ChatMessage) -> [UInt8]? {
        Array("\(message.corpID)/\(message.conversation.id)".utf8)
    }

    package func ruleVersion(of record: Record) -> String? {
        record.header(HeaderNames.corpID).flatMap {
            configuration().ruleSets[String(decoding: $0, as: UTF8.self)]?.version
        }
    }

    package func decide(_ batch: Batch<ChatMessage>) -> [JudgedHit] {
        let configuration = configuration()
        var judges = configuration.ruleSets.mapValues { rules in
            Judge(rules: rules, departments: configuration.departments[rules.corpID])
        }
        let oldestAlert = batch.nowMilliseconds - maximumAlertAge.milliseconds
        var judged: Set<JudgedHit.Key> = []
        var hits: [JudgedHit] = []
        for item in batch.items {
            let message = item.event
            for hit in judges[message.corpID]?.hits(in: message) ?? [] {
                let hit = JudgedHit(
                    hit: hit, message: message, isBackfill: Self.moment(of: message).map { $0 < oldestAlert } ?? false,
                    judgedAt: batch.nowMilliseconds)
                if judged.insert(hit.key).inserted { hits.append(hit) }
            }
        }
        return hits
    }

    /// When a message was said: when it was sent, or else the time inside its id.
    private static func moment(of message: ChatMessage) -> Int64? { message.sentAt ?? message.filedAt }

    package func apply(
        _ hits: [JudgedHit], in transaction: PostgresTransaction, context: ApplyContext
    ) async throws -> Effects {
        guard !hits.isEmpty else { return .none }
        // Two copies that meet the same messages in different order must not lock the same keys in different order.
        let inserted = try await HitStore.insert(hits.sorted { $0.key < $1.key }, in: transaction)
        return Effects(
            outbox: try hits.filter { !$0.isBackfill && inserted.contains($0.key) }.map { hit in
                try hit.alertRecord(topic: alertsTopic)
            })
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
