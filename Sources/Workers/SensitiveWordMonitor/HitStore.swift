import Contracts
import Foundation
import Postgres
import SensitiveWords

/// The table `monitor.hits`.
enum HitStore {
    /// Inserts what is not there yet, in one statement, and returns the keys of the rows that are new.
    ///
    /// - Parameter hits: Sorted by key, without repetitions.
    static func insertion(_ hits: [JudgedHit]) throws -> Statement {
        let spans = try hits.map { hit -> [UInt8]? in Array(try encoder.encode(hit.hit.spans)) }
        return (
            """
            INSERT INTO monitor.hits (
                corp_id, msgid, rule_id, rule_name, rule_version, severity, spans, conversation_id, sender_id,
                sender_kind, employee_id, customer_id, sent_at, judged_at, forwarded, backfill, alert_id)
            SELECT * FROM unnest(
                $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::jsonb[], $8::text[],
                $9::text[], $10::text[], $11::text[], $12::text[], $13::timestamptz[], $14::timestamptz[],
                $15::boolean[], $16::boolean[], $17::text[])
            ON CONFLICT (corp_id, msgid, rule_id) DO NOTHING
            RETURNING corp_id, msgid, rule_id
            """,
            [
                .textArray(hits.map(\.message.corpID)),
                .textArray(hits.map(\.message.messageID)),
                .textArray(hits.map(\.hit.rule.id)),
                .textArray(hits.map(\.hit.rule.name)),
                .textArray(hits.map(\.hit.rule.version)),
                .int16Array(hits.map { Int16($0.hit.rule.severity.rawValue) }),
                .jsonbArray(spans),
                .textArray(hits.map(\.message.conversation.id)),
                .textArray(hits.map(\.message.sender.id)),
                .textArray(hits.map(\.message.sender.kind.rawValue)),
                .textArray(hits.map(\.hit.employeeID)),
                .textArray(hits.map(\.hit.customerID)),
                .timestampArray(milliseconds: hits.map(\.message.sentAt)),
                .timestampArray(milliseconds: hits.map(\.judgedAt)),
                .boolArray(hits.map(\.message.forwarded)),
                .boolArray(hits.map(\.isBackfill)),
                .textArray(hits.map { $0.isBackfill ? nil : $0.alertID }),
            ]
        )
    }

    /// The keys that ``insertion(_:)`` returned.
    static func inserted(_ rows: PostgresRows) throws -> Set<JudgedHit.Key> {
        var inserted: Set<JudgedHit.Key> = []
        for row in rows {
            let (corpID, messageID, ruleID) = try row.decode(String.self, String.self, String.self)
            inserted.insert(JudgedHit.Key(corpID: corpID, messageID: messageID, ruleID: ruleID))
        }
        return inserted
    }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
