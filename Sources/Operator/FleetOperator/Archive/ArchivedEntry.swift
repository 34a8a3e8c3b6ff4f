import Contracts
import ConversationArchive
import Postgres

/// An archived message, as `scrm archive show` prints it.
struct ArchivedEntry: Sendable, Encodable {
    var corpID: String
    var msgid: String
    var action: String
    var msgtype: String
    var conversationID: String
    var conversationKind: String
    var external: Bool
    var senderKind: String
    var senderID: String
    var recipients: [String]
    var sentAt: String?
    var ingestedAt: String
    var text: String?
    var quotedText: String?
    /// What the kind of message consists of, a value each.
    var body: [BodyField]
    var flags: [String]
    /// Withdrawn by a recall.
    var recalled: Bool
    /// The same msgid came again with other content.
    var hasOtherVersions: Bool
    var rawPartition: Int32
    var rawOffset: Int64
    /// As the platform gave it.
    var raw: String

    /// A msgid with a time is found by the primary key; one without through the table of timeless messages.
    static func find(_ messageID: String, corpID: String?, _ databases: FleetDatabases) async throws -> [ArchivedEntry]
    {
        let filed = FilingTime.milliseconds(inMessageID: messageID)
        let place =
            filed == nil
            ? "(m.corp_id, m.filed_at) IN (SELECT corp_id, filed_at FROM archive.timeless_messages WHERE msgid = $1)"
            : "m.filed_at = $3::timestamptz"
        let rows = try await databases.query(
            .archive,
            """
            SELECT corp_id, msgid, action, msgtype, conversation_id, conversation_kind, external, sender_kind, sender_id,
                   recipients, sent_at, ingested_at, text, quoted_text, flags, recalled, has_other_versions, raw_partition,
                   raw_offset, raw
            FROM archive.message_log m
            WHERE \(place) AND m.msgid = $1 AND ($2::text IS NULL OR m.corp_id = $2)\(filed == nil ? " AND $3::timestamptz IS NULL" : "")
            ORDER BY corp_id
            """,
            [.text(messageID), PostgresValue(text: corpID), PostgresValue(timestampMilliseconds: filed)])
        return try rows.map(Self.init)
    }

    /// What to say when nothing was found.
    static func missing(_ messageID: String, corpID: String?) -> OperatorFailure {
        OperatorFailure(
            .failure, "There is no message \(messageID) in the archive\(corpID.map { " of \($0)" } ?? "").",
            advice: "Look among `scrm dead-letters list --worker archive-ingest`, or wait with `scrm drain`.")
    }

    private init(_ row: PostgresRow) throws {
        corpID = try row.decode(String.self, at: 0)
        msgid = try row.decode(String.self, at: 1)
        action = try row.decode(String.self, at: 2)
        msgtype = try row.decode(String.self, at: 3)
        conversationID = try row.decode(String.self, at: 4)
        conversationKind = try row.decode(String.self, at: 5)
        external = try row.decode(Bool.self, at: 6)
        senderKind = try row.decode(String.self, at: 7)
        senderID = try row.decode(String.self, at: 8)
        recipients = try row.decode([String].self, at: 9)
        sentAt = try row.decode(PostgresTimestamp?.self, at: 10).map { Instant.text($0.milliseconds) }
        ingestedAt = Instant.text(try row.decode(PostgresTimestamp.self, at: 11).milliseconds)
        text = try row.decode(String?.self, at: 12)
        quotedText = try row.decode(String?.self, at: 13)
        flags = try row.decode([String].self, at: 14)
        recalled = try row.decode(Bool.self, at: 15)
        hasOtherVersions = try row.decode(Bool.self, at: 16)
        rawPartition = try row.decode(Int32.self, at: 17)
        rawOffset = try row.decode(Int64.self, at: 18)
        let bytes = try row.decode([UInt8].self, at: 19)
        raw = String(decoding: bytes, as: UTF8.self)
        body = BodyField.all(of: bytes)
    }
}

extension ArchivedEntry {
    /// For people.
    var summary: String {
        var lines = [
            "\(corpID) \(msgid)",
            "\(action) \(msgtype) by \(senderKind) \(senderID) to \(recipients.joined(separator: ", "))",
            "conversation \(conversationID) (\(conversationKind), \(external ? "external" : "internal"))",
            "sent \(sentAt ?? "at an unknown time"), archived \(ingestedAt)",
        ]
        if recalled { lines.append("withdrawn") }
        if hasOtherVersions { lines.append("came again with other content (archive.versions)") }
        if !flags.isEmpty { lines.append("flags: \(flags.joined(separator: ", "))") }
        if let quotedText { lines.append("quoted: \(quotedText)") }
        if let text { lines.append("text: \(text)") }
        for field in body where field.value != text { lines.append("\(field.name): \(field.value)") }
        return lines.joined(separator: "\n")
    }
}
