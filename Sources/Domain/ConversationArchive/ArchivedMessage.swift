package import Contracts

/// What one record of `chat.raw.v1` says.
package enum ArchiveRecord: Sendable, Equatable {
    case message(ArchivedMessage)
    /// No chat message: kept in a log of its own, never published.
    case companySwitch(CompanySwitch)

    package var corpID: String {
        switch self {
        case .message(let archived): archived.message.corpID
        case .companySwitch(let companySwitch): companySwitch.corpID
        }
    }
}

/// A message as it is archived.
///
/// A class, though a value by nature: it is handed from batch to batch, and copying its two dozen references each time
/// costs more than reading the message.
package final class ArchivedMessage: Sendable {
    /// What is published once the row is stored.
    package let message: ChatMessage
    /// `nil` without a room.
    package let roomID: String?
    /// `filedAt` comes from the msgid, so every redelivery is filed at the same place and the primary key alone finds it.
    package let isFiledByID: Bool
    package let flags: MessageFlags
    /// A customer's answer to the archive notice.
    package let consent: ConsentChange?

    package init(
        message: ChatMessage, roomID: String?, isFiledByID: Bool, flags: MessageFlags, consent: ConsentChange? = nil
    ) {
        self.message = message
        self.roomID = roomID
        self.isFiledByID = isFiledByID
        self.flags = flags
        self.consent = consent
    }
}

extension ArchivedMessage: Equatable {
    package static func == (left: ArchivedMessage, right: ArchivedMessage) -> Bool {
        left.message == right.message && left.roomID == right.roomID && left.isFiledByID == right.isFiledByID
            && left.flags == right.flags && left.consent == right.consent
    }
}

/// A customer agreed to the archive, or refused.
package struct ConsentChange: Sendable, Hashable {
    package var customerID: String
    /// The employee the answer was given to; `nil` in a room.
    package var employeeID: String?
    package var agreed: Bool
    /// Milliseconds UTC; `nil` when missing or implausible.
    package var changedAt: Int64?

    package init(customerID: String, employeeID: String?, agreed: Bool, changedAt: Int64?) {
        self.customerID = customerID
        self.employeeID = employeeID
        self.agreed = agreed
        self.changedAt = changedAt
    }
}

/// An employee changed the active company in the client.
package struct CompanySwitch: Sendable, Hashable {
    package var corpID: String
    package var messageID: String
    package var userID: String
    /// Milliseconds UTC; `nil` when missing or implausible.
    package var switchedAt: Int64?

    package init(corpID: String, messageID: String, userID: String, switchedAt: Int64?) {
        self.corpID = corpID
        self.messageID = messageID
        self.userID = userID
        self.switchedAt = switchedAt
    }
}
