package import Contracts
package import JSON

/// What one record of `chat.raw.v1` says.
package enum ArchiveRecord {
    case message(ArchivedMessage)
    /// No chat message: kept in a log of its own, never published.
    case companySwitch(CompanySwitch)
}

/// A message as it is archived and published.
///
/// Its texts are where the decoder read them, and valid until it reads the next record: a message is encoded as soon as
/// it is read, so copies of its two dozen texts would be most of its cost.
package struct ArchivedMessage {
    package enum Action {
        case send, recall
    }

    package var corpID: String
    package var messageID: JSONText
    /// Where the row is filed, milliseconds UTC; `nil` without a usable time.
    package var filedAt: Int64?
    /// `filedAt` comes from the msgid, so every redelivery is filed at the same place and the primary key alone finds it.
    package var isFiledByID: Bool
    /// `msgtime` in milliseconds UTC; `nil` when missing or implausible.
    package var sentAt: Int64?
    package var sequence: UInt64?
    package var action: Action
    package var messageType: JSONText
    /// `nil` without a room.
    package var roomID: JSONText?
    package var conversation: ConversationText
    package var sender: PartyText
    package var recipients: [PartyText]
    /// The words that keyword workers may read; `nil` when there are none.
    package var text: JSONText?
    /// Words of somebody else quoted in a reply, kept apart from `text`.
    package var quotedText: JSONText?
    /// `text` comes from a forwarded record of other people's words.
    package var forwarded: Bool
    /// `msgid` of the message withdrawn by this one.
    package var recalledMessageID: JSONText?
    package var flags: MessageFlags
    /// A customer's answer to the archive notice.
    package var consent: ConsentText?
    /// Files that can be fetched, those inside forwarded records included, in the order of the message.
    package var media: [MediaReference]
}

/// Somebody in a conversation, as a record names him.
package struct PartyText: Equatable {
    package var id: JSONText
    package var kind: Party.Kind
}

/// A conversation, as made from a record: see ``Contracts/Conversation``.
package struct ConversationText {
    package var id: JSONText
    package var kind: Conversation.Kind
    /// Somebody outside the corp takes part.
    package var external: Bool
}

/// A file of a message, kept by the platform for some days.
package struct MediaReference: Sendable, Hashable {
    /// Of the message or the item it is in: `image`, `voice`, `file` and so on; the platform's word for unknown kinds.
    package var kind: String
    package var fileID: String
    /// Bytes.
    package var size: Int64?
    /// 32 hexadecimal digits, as the platform says; it is now and then wrong.
    package var md5: String?
    package var name: String?

    package init(kind: String, fileID: String, size: Int64?, md5: String?, name: String?) {
        self.kind = kind
        self.fileID = fileID
        self.size = size
        self.md5 = md5
        self.name = name
    }
}

/// A customer agreed to the archive, or refused.
package struct ConsentText {
    package var customerID: JSONText
    /// The employee the answer was given to; `nil` in a room.
    package var employeeID: JSONText?
    package var agreed: Bool
    /// Milliseconds UTC; `nil` when missing or implausible.
    package var changedAt: Int64?
}

/// The same with texts that live on.
package struct ConsentChange: Sendable, Hashable {
    package var customerID: String
    package var employeeID: String?
    package var agreed: Bool
    package var changedAt: Int64?

    package init(customerID: String, employeeID: String?, agreed: Bool, changedAt: Int64?) {
        self.customerID = customerID
        self.employeeID = employeeID
        self.agreed = agreed
        self.changedAt = changedAt
    }

    package init(_ consent: ConsentText) {
        self.init(
            customerID: consent.customerID.string, employeeID: consent.employeeID?.string, agreed: consent.agreed,
            changedAt: consent.changedAt)
    }
}

/// An employee changed the active company in the client.
package struct CompanySwitch: Sendable, Hashable {
    package var corpID: String
    package var messageID: String
    package var userID: String
    /// Milliseconds UTC; `nil` when missing or implausible.
    package var switchedAt: Int64?
    package var sequence: UInt64?

    package init(corpID: String, messageID: String, userID: String, switchedAt: Int64?, sequence: UInt64? = nil) {
        self.corpID = corpID
        self.messageID = messageID
        self.userID = userID
        self.switchedAt = switchedAt
        self.sequence = sequence
    }
}
