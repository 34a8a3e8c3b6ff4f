package import Contracts
import Foundation
package import Records
package import SensitiveWords

/// A hit with its message, ready to be stored.
package struct JudgedHit: Sendable, Equatable {
    /// What makes a hit unique.
    package struct Key: Sendable, Hashable, Comparable {
        package var corpID: String
        package var messageID: String
        package var ruleID: String

        package init(corpID: String, messageID: String, ruleID: String) {
            self.corpID = corpID
            self.messageID = messageID
            self.ruleID = ruleID
        }

        package static func < (left: Key, right: Key) -> Bool {
            (left.corpID, left.messageID, left.ruleID) < (right.corpID, right.messageID, right.ruleID)
        }
    }

    package var hit: Hit
    package var message: ChatMessage
    /// Too old to alert anybody.
    package var isBackfill: Bool
    /// Milliseconds UTC.
    package var judgedAt: Int64

    package init(hit: Hit, message: ChatMessage, isBackfill: Bool, judgedAt: Int64) {
        self.hit = hit
        self.message = message
        self.isBackfill = isBackfill
        self.judgedAt = judgedAt
    }

    package var key: Key { Key(corpID: message.corpID, messageID: message.messageID, ruleID: hit.rule.id) }

    /// The id of the alert this hit raises; the same however often it is judged.
    package var alertID: String { AlertID.of(key) }

    /// The alert on its way to `topic`.
    /// - Parameters:
    ///   - before: lines of the conversation before it.
    ///   - recalled: it has been withdrawn already.
    package func alertRecord(
        topic: String, before: [ContextLine] = [], recalled: Bool = false
    ) throws -> OutgoingRecord {
        try .alertEvent(
            Alert(
                alertID: alertID, corpID: message.corpID, rule: hit.rule, message: message, spans: hit.spans,
                employeeID: hit.employeeID, customerID: hit.customerID, raisedAt: judgedAt,
                before: before.isEmpty ? nil : before, recalled: recalled ? true : nil),
            type: Alert.eventType, topic: topic, corpID: message.corpID, conversationID: message.conversation.id)
    }
}

extension OutgoingRecord {
    /// An event of ``Topics/alerts``, keyed by its conversation.
    static func alertEvent(
        _ event: some Encodable, type: String, topic: String, corpID: String, conversationID: String
    ) throws -> OutgoingRecord {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return OutgoingRecord(
            topic: topic, key: Array(conversationID.utf8), value: Array(try encoder.encode(event)),
            headers: [Header(HeaderNames.eventType, text: type), Header(HeaderNames.corpID, text: corpID)])
    }
}
