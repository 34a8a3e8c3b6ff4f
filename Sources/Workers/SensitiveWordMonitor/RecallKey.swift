import ConversationArchive

/// A message that was withdrawn, or may be. Recalls name it with or without `_external`.
package struct RecallKey: Sendable, Hashable, Comparable {
    package var corpID: String
    package var base: String

    package init(corpID: String, messageID: String) {
        self.corpID = corpID
        base = MessageID.base(messageID)
    }

    package static func < (left: RecallKey, right: RecallKey) -> Bool {
        (left.corpID, left.base) < (right.corpID, right.base)
    }
}
