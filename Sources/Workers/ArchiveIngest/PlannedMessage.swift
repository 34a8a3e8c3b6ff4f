import Contracts
import ConversationArchive
import Records

/// A message on its way into the archive, with all that its row and its events need. A class for the same reason as
/// ``ArchivedMessage``.
final class PlannedMessage: Sendable {
    /// `filed_at` of messages without any time: 1970, in a partition of its own.
    static let undated: Int64 = 0

    let archived: ArchivedMessage
    /// Where it came from, raw bytes included.
    let record: Record
    /// What is published once the row is really stored.
    let events: [OutgoingRecord]

    init(archived: ArchivedMessage, record: Record, events: [OutgoingRecord]) {
        self.archived = archived
        self.record = record
        self.events = events
    }

    var message: ChatMessage { archived.message }
    var filedAt: Int64 { message.filedAt ?? Self.undated }
    /// What a row tells about its record; unique within a batch.
    var place: RawPlace { RawPlace(partition: record.partition, offset: record.offset) }
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
}
