import Contracts
import ConversationArchive
import Postgres
import Records

/// Keeps what came under a msgid that is stored already and says something else.
enum VersionStore {
    /// Compares with the stored message and keeps what differs, beyond what pullers add. Each content is kept once.
    static func insert(
        _ again: [PlannedMessage], on sheet: MessageSheet, in transaction: PostgresTransaction
    ) async throws {
        let different = try await transaction.execute(
            """
            SELECT new.place, m.filed_at, m.raw
            FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::bytea[]) WITH ORDINALITY
                AS new (corp_id, msgid, filed_at, raw, place)
            LEFT JOIN archive.timeless_messages t ON t.corp_id = new.corp_id AND t.msgid = new.msgid
            JOIN archive.messages m ON m.filed_at = coalesce(t.filed_at, new.filed_at)
                AND m.msgid = new.msgid AND m.corp_id = new.corp_id
            WHERE m.raw <> new.raw
            """,
            [
                .textArray(again.map(sheet.corpID)), .textArray(again.map(sheet.messageID)),
                .timestampArray(milliseconds: again.map(\.filedAt)), .bytesArray(again.map(sheet.raw)),
            ])
        var versions: [Version] = []
        for row in different {
            let (place, filedAt, stored) = try row.decode(Int64.self, PostgresTimestamp.self, [UInt8].self)
            let planned = again[Int(place) - 1]
            let fingerprint = ContentFingerprint(of: sheet.raw(of: planned))
            guard fingerprint != ContentFingerprint(of: stored) else { continue }
            versions.append(
                Version(planned: planned, filedAt: filedAt.milliseconds, contentHash: fingerprint.hexadecimal))
        }
        try await insert(versions, on: sheet, in: transaction)
    }

    private struct Version {
        var planned: PlannedMessage
        var filedAt: Int64
        var contentHash: String
    }

    private static func insert(
        _ versions: [Version], on sheet: MessageSheet, in transaction: PostgresTransaction
    ) async throws {
        guard !versions.isEmpty else { return }
        try await transaction.execute(
            """
            INSERT INTO archive.versions (corp_id, msgid, content_hash, filed_at, raw_offset, raw_partition, raw)
            SELECT * FROM unnest(
                $1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::bigint[], $6::integer[], $7::bytea[])
                AS new (corp_id, msgid, content_hash)
            ORDER BY corp_id COLLATE "C", msgid COLLATE "C", content_hash COLLATE "C"
            ON CONFLICT (corp_id, msgid, content_hash) DO NOTHING
            """,
            [
                .textArray(versions.map { sheet.corpID(of: $0.planned) }),
                .textArray(versions.map { sheet.messageID(of: $0.planned) }),
                .textArray(versions.map(\.contentHash)),
                .timestampArray(milliseconds: versions.map(\.filedAt)),
                .int64Array(versions.map(\.planned.place.offset)),
                .int32Array(versions.map(\.planned.place.partition)),
                .bytesArray(versions.map { sheet.raw(of: $0.planned) }),
            ])
    }
}
