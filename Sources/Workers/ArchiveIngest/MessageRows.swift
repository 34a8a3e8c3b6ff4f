import Contracts
import ConversationArchive
import Postgres
import Records

/// Rows of `archive.messages` for COPY.
enum MessageRows {
    static let columns = [
        "filed_at", "sent_at", "seq", "raw_offset", "raw_partition", "external", "forwarded", "corp_id", "msgid",
        "action", "msgtype", "sender_kind", "sender_id", "conversation_kind", "conversation_id", "room_id",
        "recipients", "flags", "text", "quoted_text", "raw",
    ]

    static func buffer(table: String, bytes: Int = 4096) -> PostgresCopyBuffer {
        PostgresCopyBuffer(table: table, columns: columns, capacity: bytes)
    }

    static func append(
        _ archived: ArchivedMessage, from record: Record, to buffer: inout PostgresCopyBuffer
    ) throws(PostgresError) {
        let message = archived.message
        try buffer.row { (row) throws(PostgresError) in
            try row.append(timestampMilliseconds: message.filedAt ?? PlannedMessage.undated)
            try row.append(timestampMilliseconds: message.sentAt)
            row.append(int64: message.sequence.flatMap { Int64(exactly: $0) })
            row.append(int64: record.offset)
            row.append(int32: record.partition)
            row.append(bool: message.conversation.external)
            row.append(bool: message.forwarded)
            try row.append(text: message.corpID)
            try row.append(text: message.messageID)
            try row.append(text: message.action)
            try row.append(text: message.messageType)
            try row.append(text: message.sender.kind.rawValue)
            try row.append(text: message.sender.id)
            try row.append(text: message.conversation.kind.rawValue)
            try row.append(text: message.conversation.id)
            try row.append(text: archived.roomID)
            try row.append(textArrayOf: message.recipients.count) { message.recipients[$0].id }
            let flags = archived.flags.names
            try row.append(textArrayOf: flags.count) { flags[$0] }
            try row.append(text: message.text)
            try row.append(text: message.quotedText)
            try row.append(bytes: record.value)
        }
    }
}
