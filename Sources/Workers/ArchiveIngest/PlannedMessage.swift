import Contracts
import ConversationArchive
import Postgres
import Records

/// A message on its way into the archive: its row and its events, encoded, and the little that is needed beside them.
///
/// Encoded as soon as it is read, so that the decoded text is gone before the next message comes: a batch of decoded
/// messages would not fit into a processor's cache. A class, though a value by nature: it goes from stage to stage.
package final class PlannedMessage: Sendable {
    /// `filed_at` of messages without any time: 1970, in a partition of its own.
    static let undated: Int64 = 0

    let key: MessageKey
    let filedAt: Int64
    /// `filedAt` comes from the msgid: the primary key finds every repetition.
    let isFiledByID: Bool
    let conversation: Conversation
    /// When it was sent, as far as known; milliseconds UTC.
    let time: Int64?
    /// Its row of `archive.messages`.
    let row: PostgresCopyRow
    /// What is published once the row is really stored.
    let event: OutgoingRecord
    /// The customer's side of it, if there is one; published with `event`.
    let activity: OutgoingRecord?
    /// The message itself if it is a fact about something else: a recall or an answer to the archive notice.
    let fact: ArchivedMessage?
    /// Where it came from, raw bytes included.
    let record: Record

    init(
        _ archived: ArchivedMessage, record: Record, row: PostgresCopyRow, event: OutgoingRecord,
        activity: OutgoingRecord?
    ) {
        let message = archived.message
        key = MessageKey(corpID: message.corpID, messageID: message.messageID)
        filedAt = message.filedAt ?? Self.undated
        isFiledByID = archived.isFiledByID
        conversation = message.conversation
        time = message.sentAt ?? message.filedAt
        fact = message.recalledMessageID != nil || archived.consent != nil ? archived : nil
        self.record = record
        self.row = row
        self.event = event
        self.activity = activity
    }

    /// What a row tells about its record; unique within a batch.
    var place: RawPlace { RawPlace(partition: record.partition, offset: record.offset) }
}

/// A switch of the active company on its way into its log.
package struct PlannedSwitch: Sendable {
    var companySwitch: CompanySwitch
    var record: Record
}

/// What becomes of one record.
package enum PlannedRecord: Sendable {
    case message(PlannedMessage)
    case companySwitch(PlannedSwitch)
}

/// A record's place in `chat.raw.v1`.
struct RawPlace: Hashable, Sendable {
    var partition: Int32
    var offset: Int64
}

/// What makes a message a message.
struct MessageKey: Hashable, Sendable {
    var corpID: String
    var messageID: String

    /// By the msgid alone: hardly ever is it the same in two corps.
    func hash(into hasher: inout Hasher) { hasher.combine(messageID) }
}
