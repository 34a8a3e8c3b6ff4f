import ConversationArchive
import Postgres

/// Rows of `archive.media_jobs` for COPY: files to be fetched. Stored with their message, so never twice; who fetches
/// them works behind the stream.
enum MediaRows {
    private static let columns = [
        "filed_at", "corp_id", "msgid", "place", "kind", "sdkfileid", "size", "md5", "file_name",
    ]

    /// `nil` when no message has a file.
    /// - Parameter messages: those really stored.
    static func buffer(of messages: [PlannedMessage]) throws(PostgresError) -> PostgresCopyBuffer? {
        var buffer: PostgresCopyBuffer?
        for planned in messages where !planned.media.isEmpty {
            var rows = buffer ?? PostgresCopyBuffer(table: "archive.media_jobs", columns: columns, capacity: 16_384)
            buffer = nil  // so that the memory has one owner while it is written to
            for (place, file) in planned.media.enumerated() {
                try rows.row { (row) throws(PostgresError) in
                    try row.append(timestampMilliseconds: planned.filedAt)
                    try row.append(text: planned.key.corpID)
                    try row.append(text: planned.key.messageID)
                    row.append(int32: Int32(place))
                    try row.append(text: file.kind)
                    try row.append(text: file.fileID)
                    row.append(int64: file.size)
                    try row.append(text: file.md5)
                    try row.append(text: file.name)
                }
            }
            buffer = rows
        }
        return buffer
    }
}
