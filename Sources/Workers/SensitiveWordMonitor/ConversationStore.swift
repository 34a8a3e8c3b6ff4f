import Contracts
import Foundation
import JSON
package import Postgres

/// The table `monitor.conversations`.
package enum ConversationStore {
    /// Reads the stored lines of some conversations, oldest first.
    static func selection(_ keys: [ConversationKey]) -> Statement {
        (
            """
            SELECT corp_id, conversation_id, line
            FROM monitor.conversations JOIN unnest($1::text[], $2::text[]) AS wanted (corp_id, conversation_id)
                USING (corp_id, conversation_id)
            CROSS JOIN LATERAL unnest(lines) WITH ORDINALITY AS kept (line, place)
            ORDER BY corp_id, conversation_id, place
            """, columns(keys)
        )
    }

    static func lines(_ rows: PostgresRows) throws -> [ConversationKey: [ContextLine]] {
        var lines: [ConversationKey: [ContextLine]] = [:]
        for row in rows {
            let (corpID, conversationID, stored) = try row.decode(String.self, String.self, [UInt8].self)
            let line = try JSONDecoder().decode(ContextLine.self, from: Data(stored))
            let key = ConversationKey(corpID: corpID, conversationID: conversationID)
            // A message may have come twice, and the table takes lines as they come.
            if !lines[key, default: []].contains(where: { $0.messageID == line.messageID }) {
                lines[key, default: []].append(line)
            }
        }
        return lines
    }

    /// Adds the lines to their conversations, one update for each, and returns the watches of all that were spoken in.
    ///
    /// - Parameter spoken: in order; a recall adds no line.
    static func update(_ spoken: [Judgement.Spoken], keeping limit: Int) -> Statement {
        var writer = JSONWriter(reservingCapacity: 1_024)
        var lines: [ConversationKey: [[UInt8]?]] = [:]
        // From the end, so that of a busy conversation only what is kept is written out.
        for spoken in spoken.reversed() {
            let key = spoken.conversation
            if spoken.target != nil {
                lines[key] = lines[key] ?? []
            } else if lines[key, default: []].count < limit {
                lines[key, default: []].append(ContextLine(spoken.message).encodeJSON(with: &writer))
            }
        }
        var keys: [ConversationKey] = []
        var values: [[UInt8]?] = []
        for key in lines.keys.sorted() {
            let kept = lines[key, default: []]
            values += kept.isEmpty ? [nil] : kept.reversed()
            keys += Array(repeating: key, count: max(1, kept.count))
        }
        return (
            """
            WITH stored AS (
                INSERT INTO monitor.conversations AS old (corp_id, conversation_id, lines, touched_at)
                SELECT corp_id, conversation_id,
                    coalesce(array_agg(line ORDER BY place) FILTER (WHERE line IS NOT NULL), '{}'), now()
                FROM unnest($1::text[], $2::text[], $3::bytea[]) WITH ORDINALITY
                    AS new (corp_id, conversation_id, line, place)
                GROUP BY corp_id, conversation_id
                ORDER BY corp_id COLLATE "C", conversation_id COLLATE "C"
                ON CONFLICT (corp_id, conversation_id) DO UPDATE
                SET lines = (old.lines || EXCLUDED.lines)[
                        greatest(1, cardinality(old.lines) + cardinality(EXCLUDED.lines) - $4 + 1):],
                    touched_at = EXCLUDED.touched_at
                RETURNING corp_id, conversation_id, watches
            )
            SELECT corp_id, conversation_id, watches FROM stored WHERE watches IS NOT NULL
            """, columns(keys) + [.bytesArray(values), .int32(Int32(limit))]
        )
    }

    static func watches(_ rows: PostgresRows) throws -> [ConversationKey: [ContextWatch]] {
        var watches: [ConversationKey: [ContextWatch]] = [:]
        for row in rows {
            let (corpID, conversationID, value) = try row.decode(String.self, String.self, [UInt8].self)
            watches[ConversationKey(corpID: corpID, conversationID: conversationID)] =
                try JSONDecoder().decode([ContextWatch].self, from: Data(value))
        }
        return watches
    }

    /// Stores the watches of conversations that were spoken in.
    static func watch(_ watches: [(key: ConversationKey, value: [ContextWatch])]) throws -> Statement {
        let values = try watches.map { entry -> [UInt8]? in
            entry.value.isEmpty ? nil : Array(try JSONEncoder().encode(entry.value))
        }
        return (
            """
            UPDATE monitor.conversations SET watches = new.watches
            FROM unnest($1::text[], $2::text[], $3::bytea[]) AS new (corp_id, conversation_id, watches)
            WHERE conversations.corp_id = new.corp_id AND conversations.conversation_id = new.conversation_id
            """, columns(watches.map(\.key)) + [.bytesArray(values)]
        )
    }

    /// Forgets conversations that have been silent for so long, and recalls of more than a week ago: some of each.
    ///
    /// Leaves alone what somebody else is writing, so that it never waits for another lane.
    /// - Returns: whether there may be more.
    package static func sweep(olderThan age: Duration, in transaction: PostgresTransaction) async throws -> Bool {
        let rows = try await transaction.pipeline([
            (
                """
                DELETE FROM monitor.conversations WHERE (corp_id, conversation_id) IN (
                    SELECT corp_id, conversation_id FROM monitor.conversations
                    WHERE touched_at < now() - make_interval(secs => $1::float8)
                    LIMIT $2 FOR UPDATE SKIP LOCKED)
                """, [.double(Double(age.milliseconds) / 1_000), .int64(Int64(sweepSize))]
            ),
            (
                """
                DELETE FROM monitor.recalls WHERE (corp_id, target_base) IN (
                    SELECT corp_id, target_base FROM monitor.recalls WHERE stored_at < now() - interval '7 days'
                    LIMIT $1 FOR UPDATE SKIP LOCKED)
                """, [.int64(Int64(sweepSize))]
            ),
        ])
        return rows.contains { $0.affected == sweepSize }
    }

    private static let sweepSize = 1_000

    private static func columns(_ keys: [ConversationKey]) -> [PostgresValue] {
        [.textArray(keys.map(\.corpID)), .textArray(keys.map(\.conversationID))]
    }
}
