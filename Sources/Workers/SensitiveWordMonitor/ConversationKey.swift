/// A conversation of a corp: the key in whose order messages come, and of the row that keeps its last lines.
package struct ConversationKey: Sendable, Hashable, Comparable {
    package var corpID: String
    package var conversationID: String

    package init(corpID: String, conversationID: String) {
        self.corpID = corpID
        self.conversationID = conversationID
    }

    package static func < (left: ConversationKey, right: ConversationKey) -> Bool {
        (left.corpID, left.conversationID) < (right.corpID, right.conversationID)
    }
}
