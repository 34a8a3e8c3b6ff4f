import Contracts
import ConversationArchive
import JSON
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
        _ message: ArchivedMessage, from record: Record, to buffer: inout PostgresCopyBuffer
    ) throws(PostgresError) {
        try buffer.row { (row) throws(PostgresError) in
            try row.append(timestampMilliseconds: message.filedAt ?? PlannedMessage.undated)
            try row.append(timestampMilliseconds: message.sentAt)
            row.append(int64: message.sequence.flatMap { Int64(exactly: $0) })
            row.append(int64: record.offset)
            row.append(int32: record.partition)
            row.append(bool: message.conversation.external)
            row.append(bool: message.forwarded)
            try row.append(text: message.corpID)
            try row.append(message.messageID)
            try row.append(JSONText(message.action.name))
            try row.append(message.messageType)
            try row.append(JSONText(message.sender.kind.name))
            try row.append(message.sender.id)
            try row.append(JSONText(message.conversation.kind.name))
            try row.append(message.conversation.id)
            try row.append(message.roomID)
            try row.append(utf8ArrayOf: message.recipients.count) { (index, write) throws(PostgresError) in
                try message.recipients[index].id.withBytes(write)
            }
            let flags = message.flags.names
            try row.append(textArrayOf: flags.count) { flags[$0] }
            try row.append(message.text)
            try row.append(message.quotedText)
            try row.append(bytes: record.value)
        }
    }
}

extension PostgresCopyBuffer {
    mutating func append(_ text: JSONText) throws(PostgresError) {
        try text.withBytes { (utf8) throws(PostgresError) in try append(utf8: utf8) }
    }

    mutating func append(_ text: JSONText?) throws(PostgresError) {
        if let text { try append(text) } else { appendNull() }
    }
}
