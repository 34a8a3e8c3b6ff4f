/// Value of `chat.messages.v1`: one archived message.
package struct ChatMessage: Codable, Sendable, Equatable {
    package static let eventType = "chat.message"

    /// WeCom corp the archive belongs to.
    package var corpID: String
    /// The platform's `msgid`, unique within the corp.
    package var messageID: String
    /// Where the row is filed: milliseconds UTC from the msgid, `nil` when the message has no usable time.
    package var filedAt: Int64?
    /// `msgtime` in milliseconds UTC; `nil` when missing or implausible.
    package var sentAt: Int64?
    /// The puller's `seq`, when given.
    package var sequence: UInt64?
    /// `send` or `recall`.
    package var action: String
    /// The platform's `msgtype`, unknown ones included.
    package var messageType: String
    package var conversation: Conversation
    package var sender: Party
    /// Everybody else in the conversation at that moment.
    package var recipients: [Party]
    /// The words that keyword workers may read; `nil` when the kind has none.
    package var text: String?
    /// Words of somebody else quoted in a reply, kept apart from `text`.
    package var quotedText: String?
    /// `text` comes from a forwarded record of other people's words.
    package var forwarded: Bool
    /// `msgid` of the message withdrawn by this one.
    package var recalledMessageID: String?

    package init(
        corpID: String, messageID: String, filedAt: Int64?, sentAt: Int64?, sequence: UInt64?, action: String,
        messageType: String, conversation: Conversation, sender: Party, recipients: [Party], text: String?,
        quotedText: String? = nil, forwarded: Bool = false, recalledMessageID: String? = nil
    ) {
        self.corpID = corpID
        self.messageID = messageID
        self.filedAt = filedAt
        self.sentAt = sentAt
        self.sequence = sequence
        self.action = action
        self.messageType = messageType
        self.conversation = conversation
        self.sender = sender
        self.recipients = recipients
        self.text = text
        self.quotedText = quotedText
        self.forwarded = forwarded
        self.recalledMessageID = recalledMessageID
    }

    enum CodingKeys: String, CodingKey {
        case corpID = "corp_id"
        case messageID = "msgid"
        case filedAt = "filed_at"
        case sentAt = "sent_at"
        case sequence = "seq"
        case action
        case messageType = "msgtype"
        case conversation
        case sender
        case recipients
        case text
        case quotedText = "quoted_text"
        case forwarded
        case recalledMessageID = "recalled_msgid"
    }
}

/// A conversation: stable, order-free key.
package struct Conversation: Codable, Sendable, Hashable {
    package enum Kind: String, Codable, Sendable, Hashable {
        case single
        case group
        /// No room and several recipients (calls, broadcast).
        case multi
    }

    /// `g:<roomid>`, `s:<a>|<b>` or `m:<hash>`, unique within the corp.
    package var id: String
    package var kind: Kind
    /// Somebody outside the corp takes part.
    package var external: Bool

    package init(id: String, kind: Kind, external: Bool) {
        self.id = id
        self.kind = kind
        self.external = external
    }
}

/// Somebody in a conversation.
package struct Party: Codable, Sendable, Hashable {
    package enum Kind: String, Codable, Sendable, Hashable {
        case employee
        /// A customer on WeChat (`wm…`) or in another corp (`wo…`).
        case customer
        case robot
    }

    package var id: String
    package var kind: Kind

    package init(id: String, kind: Kind) {
        self.id = id
        self.kind = kind
    }
}
