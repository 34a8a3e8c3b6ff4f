import Contracts
import ConversationArchive
import Records

/// A message on its way into the archive, with all that its row and its events need.
struct PlannedMessage: Sendable {
    /// `filed_at` of messages without any time: 1970, in a partition of its own.
    static let undated: Int64 = 0

    var archived: ArchivedMessage
    /// Where it came from, raw bytes included.
    var record: Record
    /// What is published once the row is really stored.
    var events: [OutgoingRecord]

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
