import ConversationArchive
import Postgres

/// Rows of `archive.media_jobs` for COPY: files to be fetched. Stored with their message, so never twice; who fetches
/// them works behind the stream.
enum MediaRows {
    private static let columns = [
        "filed_at", "corp_id", "msgid", "place", "kind", "sdkfileid", "size", "md5", "file_name",
    ]

    /// The same for a batch that met a unique key: files that are left of a message somebody deleted stay as they are.
    static func statement(
        _ messages: [PlannedMessage], on sheet: MessageSheet
    ) -> (String, [PostgresValue])? {
        let files = messages.flatMap { planned in
            sheet.media[planned.media].enumerated().map {
                (planned: planned, place: Int32($0.offset), file: $0.element)
            }
        }
        guard !files.isEmpty else { return nil }
        return (
            """
            INSERT INTO archive.media_jobs (filed_at, corp_id, msgid, place, kind, sdkfileid, size, md5, file_name)
            SELECT * FROM unnest(
                $1::timestamptz[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::text[], $7::bigint[],
                $8::text[], $9::text[]) AS new (filed_at, corp_id, msgid, place)
            ORDER BY filed_at, msgid COLLATE "C", corp_id COLLATE "C", place
            ON CONFLICT (filed_at, msgid, corp_id, place) DO NOTHING
            """,
            [
                .timestampArray(milliseconds: files.map(\.planned.filedAt)),
                .textArray(files.map { sheet.corpID(of: $0.planned) }),
                .textArray(files.map { sheet.messageID(of: $0.planned) }), .int32Array(files.map(\.place)),
                .textArray(files.map(\.file.kind)), .textArray(files.map(\.file.fileID)),
                .int64Array(files.map(\.file.size)), .textArray(files.map(\.file.md5)),
                .textArray(files.map(\.file.name)),
            ]
        )
    }

    /// `nil` when no message has a file.
    /// - Parameter messages: those really stored.
    static func buffer(
        of messages: [PlannedMessage], on sheet: MessageSheet
    ) throws(PostgresError) -> PostgresCopyBuffer? {
        var buffer: PostgresCopyBuffer?
        for planned in messages where !planned.media.isEmpty {
            var rows = buffer ?? PostgresCopyBuffer(table: "archive.media_jobs", columns: columns, capacity: 16_384)
            buffer = nil  // so that the memory has one owner while it is written to
            let messageID = sheet.messageID(of: planned)
            for (place, file) in sheet.media[planned.media].enumerated() {
                try rows.row { (row) throws(PostgresError) in
                    try row.append(timestampMilliseconds: planned.filedAt)
                    try row.append(text: sheet.corpID(of: planned))
                    try row.append(text: messageID)
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
