import Contracts
import ConversationArchive
import JSON
import Records

/// A message on its way into the archive: where on its sheet its row and its events are, and what is asked of it beside
/// them. Holds no reference, so that an array of them is copied in one go.
struct PlannedMessage: Sendable {
    /// `filed_at` of messages without any time: 1970, in a partition of its own.
    static let undated: Int64 = 0

    /// Where its record was.
    let place: RawPlace
    /// Its corp's place on the sheet.
    var corp: Int
    /// Where the msgid is among those of the sheet.
    var messageID: Range<Int>
    /// Of corp and msgid. Others may have the same.
    let fingerprint: UInt64
    let filedAt: Int64
    /// `filedAt` comes from the msgid: the primary key finds every repetition.
    let isFiledByID: Bool
    /// The puller's number, when it fits.
    let sequence: Int64?
    /// Its row among those of the sheet.
    var row: Range<Int>
    /// How many bytes the record had.
    let rawCount: Int
    /// Its events among those of the sheet: the message itself and, if there is one, the customer's side of it.
    var events: Range<Int>
    /// What it says about something else, on the sheet.
    var fact: Int?
    /// Its files among those of the sheet.
    var media: Range<Int>

    /// Its conversation's place on the sheet.
    var conversation: Int
    let conversationKind: Conversation.Kind
    let external: Bool
    /// Stands for the set of people who take part, whoever of them speaks.
    let people: UInt64
    /// Whether it counts: recalls are no words of anybody.
    let counts: Bool
    let side: Party.Kind
    /// When it was sent, as far as known; milliseconds UTC.
    let time: Int64?

    init(
        _ message: ArchivedMessage, record: Record, corp: Int, messageID: Range<Int>, conversation: Int,
        row: Range<Int>, events: Range<Int>, fact: Int?, media: Range<Int>
    ) {
        place = RawPlace(partition: record.partition, offset: record.offset)
        self.corp = corp
        self.messageID = messageID
        fingerprint = message.messageID.fingerprint
        filedAt = message.filedAt ?? Self.undated
        isFiledByID = message.isFiledByID
        sequence = message.sequence.flatMap { Int64(exactly: $0) }
        self.row = row
        rawCount = record.value?.count ?? 0
        self.events = events
        self.fact = fact
        self.media = media
        self.conversation = conversation
        conversationKind = message.conversation.kind
        external = message.conversation.external
        var people = message.sender.id.fingerprint
        for recipient in message.recipients where !(recipient.id == message.sender.id) {
            people &+= recipient.id.fingerprint
        }
        self.people = people
        counts = message.action == .send
        side = message.sender.kind
        time = message.sentAt ?? message.filedAt
    }
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
    case message(on: MessageSheet, at: Int)
    case companySwitch(PlannedSwitch)
}

/// A record's place in `chat.raw.v1`; unique within a batch.
struct RawPlace: Hashable, Sendable {
    var partition: Int32
    var offset: Int64
}
