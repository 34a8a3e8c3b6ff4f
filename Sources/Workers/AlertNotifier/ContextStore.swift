import Contracts
import Foundation
import Postgres

/// The tables `alerting.context_lines` and `alerting.context_recalls`.
enum ContextStore {
    /// Inserts what is not there yet; a repetition changes nothing.
    static func insert(_ contexts: [AlertContext], in transaction: PostgresTransaction) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // In the order of their alerts, so that two transactions never wait for each other in a circle; those of one
        // alert keep the order in which they came.
        let lines = contexts.flatMap { context in context.lines.map { (id: context.alertID, line: $0) } }
        let recalls = contexts.flatMap { context in context.recalledMessageIDs.map { (context.alertID, $0) } }.sorted {
            $0 < $1
        }
        var statements: [(String, [PostgresValue])] = []
        if !lines.isEmpty {
            statements.append(
                (
                    """
                    INSERT INTO alerting.context_lines (alert_id, msgid, line)
                    SELECT alert_id, msgid, line
                    FROM unnest($1::text[], $2::text[], $3::bytea[]) WITH ORDINALITY AS new (alert_id, msgid, line, place)
                    ORDER BY alert_id, place
                    ON CONFLICT (alert_id, msgid) DO NOTHING
                    """,
                    [
                        .textArray(lines.map(\.id)), .textArray(lines.map(\.line.messageID)),
                        .bytesArray(try lines.map { Array(try encoder.encode($0.line)) }),
                    ]
                ))
        }
        if !recalls.isEmpty {
            statements.append(
                (
                    """
                    INSERT INTO alerting.context_recalls (alert_id, msgid) SELECT * FROM unnest($1::text[], $2::text[])
                    ON CONFLICT (alert_id, msgid) DO NOTHING
                    """, [.textArray(recalls.map(\.0)), .textArray(recalls.map(\.1))]
                ))
        }
        if !statements.isEmpty { try await transaction.pipeline(statements) }
    }
}
