import Contracts
import ConversationArchive
import JSON
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
    /// The puller's number, when it fits.
    let sequence: Int64?
    let sighting: ConversationSighting
    /// Its row of `archive.messages`.
    let row: PostgresCopyRow
    /// What is published once the row is really stored. Its key is the conversation's id.
    let event: OutgoingRecord
    /// The customer's side of it, if there is one; published with `event`.
    let activity: OutgoingRecord?
    /// What it says about something else: a recall or an answer to the archive notice.
    let fact: ArchiveFact?
    let media: [MediaReference]
    /// Where it came from, raw bytes included.
    let record: Record

    init(
        _ message: ArchivedMessage, record: Record, row: PostgresCopyRow, event: OutgoingRecord,
        activity: OutgoingRecord?
    ) {
        key = MessageKey(corpID: message.corpID, messageID: message.messageID.string)
        filedAt = message.filedAt ?? Self.undated
        isFiledByID = message.isFiledByID
        sequence = message.sequence.flatMap { Int64(exactly: $0) }
        sighting = ConversationSighting(message, id: event.key ?? [])
        fact = ArchiveFact(message)
        media = message.media
        self.record = record
        self.row = row
        self.event = event
        self.activity = activity
    }

    /// What a row tells about its record; unique within a batch.
    var place: RawPlace { RawPlace(partition: record.partition, offset: record.offset) }
}

/// What a message says about something else, with copies of the texts it needs.
struct ArchiveFact: Sendable {
    var senderID: String
    /// When it was said, milliseconds UTC.
    var time: Int64?
    var roomID: String?
    var recalledMessageID: String?
    var consent: ConsentChange?

    init?(_ message: ArchivedMessage) {
        guard message.recalledMessageID != nil || message.consent != nil else { return nil }
        senderID = message.sender.id.string
        time = message.sentAt ?? message.filedAt
        roomID = message.roomID?.string
        recalledMessageID = message.recalledMessageID?.string
        consent = message.consent.map(ConsentChange.init)
    }
}

/// A switch of the active company on its way into its log. A class, so that what becomes of a record is small.
package final class PlannedSwitch: Sendable {
    let companySwitch: CompanySwitch
    let record: Record

    init(companySwitch: CompanySwitch, record: Record) {
        self.companySwitch = companySwitch
        self.record = record
    }
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
