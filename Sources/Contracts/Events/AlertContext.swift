/// Value of `alerts.v1` with the event type `alert.context`: what came after an alert was raised.
///
/// It follows its alert in the topic. A line and a recall are told once for each alert.
package struct AlertContext: Codable, Sendable, Equatable {
    package static let eventType = "alert.context"

    package var alertID: String
    package var corpID: String
    package var conversationID: String
    /// Lines after the hit, in their order.
    package var lines: [ContextLine]
    /// `msgid`s of the hit or of lines told before that have been withdrawn since.
    package var recalledMessageIDs: [String]

    package init(
        alertID: String, corpID: String, conversationID: String, lines: [ContextLine] = [],
        recalledMessageIDs: [String] = []
    ) {
        self.alertID = alertID
        self.corpID = corpID
        self.conversationID = conversationID
        self.lines = lines
        self.recalledMessageIDs = recalledMessageIDs
    }

    enum CodingKeys: String, CodingKey {
        case alertID = "alert_id"
        case corpID = "corp_id"
        case conversationID = "conversation_id"
        case lines
        case recalledMessageIDs = "recalled_msgids"
    }
}
