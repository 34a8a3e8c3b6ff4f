import Contracts
import ConversationArchive
import JSON
import Postgres

/// A row of `archive.conversations`.
struct ConversationRow {
    var corpID: String
    var id: String
    var kind: Conversation.Kind
    var external: Bool

    /// Each once, in the order of the key. A conversation seen both with and without an outsider is one row: with.
    static func all(of messages: some Collection<PlannedMessage>, on sheet: MessageSheet) -> [ConversationRow] {
        let found = messages.map { planned in
            let key = sheet.conversation(of: planned)
            return ConversationRow(
                corpID: key.corpID, id: key.name, kind: planned.conversationKind, external: planned.external)
        }.sorted { ($0.corpID, $0.id, $1.external ? 1 : 0) < ($1.corpID, $1.id, $0.external ? 1 : 0) }
        var rows: [ConversationRow] = []
        for row in found where rows.last.map({ ($0.corpID, $0.id) != (row.corpID, row.id) }) ?? true {
            rows.append(row)
        }
        return rows
    }

    /// Answers the keys of rows that were made or changed, and which of them were made.
    static func statement(_ rows: [ConversationRow]) -> (String, [PostgresValue]) {
        (
            """
            INSERT INTO archive.conversations AS c (corp_id, conversation_id, kind, external)
            SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[])
            ON CONFLICT (corp_id, conversation_id) DO UPDATE SET external = true
                WHERE excluded.external AND NOT c.external
            RETURNING corp_id, conversation_id, xmax = 0
            """,
            [
                .textArray(rows.map(\.corpID)), .textArray(rows.map(\.id)), .textArray(rows.map(\.kind.rawValue)),
                .boolArray(rows.map(\.external)),
            ]
        )
    }
}

/// A row of `archive.participants`.
struct ParticipantRow {
    var corpID: String
    var conversationID: String
    var party: Party

    private static let columns = ["corp_id", "conversation_id", "party_id", "kind"]

    private var order: (String, String, String) { (corpID, conversationID, party.normalizedID) }

    /// Each once, in the order of the key.
    static func all(of messages: some Collection<PlannedMessage>, on sheet: MessageSheet) -> [ParticipantRow] {
        let parser = JSONParser()
        var found: [ParticipantRow] = []
        for planned in messages {
            let key = sheet.conversation(of: planned)
            for party in people(in: sheet.event(of: planned), parser) {
                found.append(ParticipantRow(corpID: key.corpID, conversationID: key.name, party: party))
            }
        }
        found.sort { $0.order < $1.order }
        var rows: [ParticipantRow] = []
        for row in found where rows.last.map({ $0.order != row.order }) ?? true { rows.append(row) }
        return rows
    }

    /// The event of a message names them. It is read again only for conversations that are not yet known.
    private static func people(in event: [UInt8], _ parser: JSONParser) -> [Party] {
        guard let root = try? parser.parse(event).root else {
            preconditionFailure("an event that was written a moment ago is JSON")
        }
        func party(_ value: JSONValue) -> Party? {
            guard let id = value["id"]?.string, let kind = value["kind"]?.string.flatMap(Party.Kind.init) else {
                return nil
            }
            return Party(id: id, kind: kind)
        }
        let recipients = root["recipients"]?.elements.compactMap(party) ?? []
        return (root["sender"].flatMap(party).map { [$0] } ?? []) + recipients
    }

    /// For conversations that nobody takes part in yet.
    static func buffer(_ rows: [ParticipantRow]) throws(PostgresError) -> PostgresCopyBuffer {
        var buffer = PostgresCopyBuffer(table: "archive.participants", columns: columns)
        for row in rows {
            try buffer.row { (fields) throws(PostgresError) in
                try fields.append(text: row.corpID)
                try fields.append(text: row.conversationID)
                try fields.append(text: row.party.normalizedID)
                try fields.append(text: row.party.kind.rawValue)
            }
        }
        return buffer
    }

    /// Answers the keys of conversations that somebody joined.
    static func statement(_ rows: [ParticipantRow]) -> (String, [PostgresValue]) {
        (
            """
            INSERT INTO archive.participants (corp_id, conversation_id, party_id, kind)
            SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
            ON CONFLICT (corp_id, conversation_id, party_id) DO NOTHING
            RETURNING corp_id, conversation_id
            """,
            [
                .textArray(rows.map(\.corpID)), .textArray(rows.map(\.conversationID)),
                .textArray(rows.map(\.party.normalizedID)), .textArray(rows.map(\.party.kind.rawValue)),
            ]
        )
    }
}
