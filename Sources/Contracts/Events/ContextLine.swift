/// A line of a conversation near a hit, cut to what a manager needs to understand it.
package struct ContextLine: Codable, Sendable, Equatable {
    /// Unicode scalars kept of a line's text.
    package static let maximumLength = 200

    package var messageID: String
    /// Milliseconds UTC; `nil` when the message has no usable time.
    package var sentAt: Int64?
    package var sender: Party
    /// The platform's `msgtype`: a line may be a picture.
    package var messageType: String
    /// At most ``maximumLength`` scalars; `nil` when the kind has no words.
    package var text: String?
    /// It had been withdrawn when this was written; `nil` for not.
    package var recalled: Bool?

    package init(
        messageID: String, sentAt: Int64?, sender: Party, messageType: String, text: String?, recalled: Bool? = nil
    ) {
        self.messageID = messageID
        self.sentAt = sentAt
        self.sender = sender
        self.messageType = messageType
        self.text = text
        self.recalled = recalled
    }

    /// Cuts a message to a line.
    package init(_ message: ChatMessage) {
        var text = message.text
        if let whole = text?.unicodeScalars, whole.count > Self.maximumLength {
            text = String(String.UnicodeScalarView(whole.prefix(Self.maximumLength - 1))) + "…"
        }
        self.init(
            messageID: message.messageID, sentAt: message.sentAt ?? message.filedAt, sender: message.sender,
            messageType: message.messageType, text: text)
    }

    enum CodingKeys: String, CodingKey {
        case messageID = "msgid"
        case sentAt = "sent_at"
        case sender
        case messageType = "msgtype"
        case text
        case recalled
    }
}
