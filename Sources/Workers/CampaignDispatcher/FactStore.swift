import Campaigns
import Contracts
import Postgres

/// What is known of customers. Part of a lane's transaction; each fact has the moment it is of, so that events in any
/// order, and repeated, leave the same.
enum FactStore {
    static func save(_ decision: DispatchDecision, in transaction: PostgresTransaction) async throws {
        var statements: [(String, [PostgresValue])] = []
        add(
            decision.employees.mapValues { (.text($0.id), $0.at) }, column: "employee_id", at: "employee_at",
            to: &statements)
        add(
            decision.optOuts.mapValues { (.bool($0.value), $0.at) }, column: "opted_out", at: "opted_at",
            to: &statements)
        add(
            decision.consents.mapValues { (.bool($0.value), $0.at) }, column: "consent", at: "consent_at",
            to: &statements)
        addTags(decision, to: &statements)
        addComplaints(decision, to: &statements)
        addSignals(decision, to: &statements)
        if !statements.isEmpty { try await transaction.pipeline(statements) }
    }

    /// - Parameters:
    ///   - column, at: names from constants; they are spliced into SQL.
    private static func add(
        _ facts: [DispatchDecision.CustomerKey: (value: PostgresValue, at: Int64)], column: String, at: String,
        to statements: inout [(String, [PostgresValue])]
    ) {
        guard !facts.isEmpty else { return }
        let rows = facts.sorted { $0.key < $1.key }
        let values: PostgresValue
        let type: String
        if case .text = rows[0].value.value {
            (values, type) = (
                .textArray(rows.map { if case .text(let text) = $0.value.value { text } else { nil } }), "text"
            )
        } else {
            (values, type) = (
                .boolArray(rows.map { if case .bool(let bool) = $0.value.value { bool } else { nil } }), "boolean"
            )
        }
        statements.append(
            (
                """
                INSERT INTO campaigns.customers AS stored (corp_id, customer_id, \(column), \(at))
                SELECT * FROM unnest($1::text[], $2::text[], $3::\(type)[], $4::timestamptz[])
                ON CONFLICT (corp_id, customer_id) DO UPDATE SET \(column) = EXCLUDED.\(column), \(at) = EXCLUDED.\(at)
                WHERE stored.\(at) <= EXCLUDED.\(at)
                """,
                [
                    .textArray(rows.map(\.key.corpID)), .textArray(rows.map(\.key.customerID)), values,
                    .timestampArray(milliseconds: rows.map(\.value.at)),
                ]
            ))
    }

    private static func addTags(_ decision: DispatchDecision, to statements: inout [(String, [PostgresValue])]) {
        guard !decision.tags.isEmpty else { return }
        let rows = decision.tags.sorted { ($0.key.customer, $0.key.tag) < ($1.key.customer, $1.key.tag) }
        statements.append(
            (
                """
                INSERT INTO campaigns.tags AS stored (corp_id, customer_id, tag, present, revision)
                SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::bigint[])
                ON CONFLICT (corp_id, customer_id, tag) DO UPDATE
                SET present = EXCLUDED.present, revision = EXCLUDED.revision WHERE stored.revision < EXCLUDED.revision
                """,
                [
                    .textArray(rows.map(\.key.customer.corpID)), .textArray(rows.map(\.key.customer.customerID)),
                    .textArray(rows.map(\.key.tag)), .boolArray(rows.map(\.value.present)),
                    .int64Array(rows.map(\.value.revision)),
                ]
            ))
    }

    /// An alert that is opened again after it was resolved is open.
    private static func addComplaints(_ decision: DispatchDecision, to statements: inout [(String, [PostgresValue])]) {
        guard !decision.complaints.isEmpty else { return }
        let rows = decision.complaints.sorted {
            ($0.key.customer, $0.key.alertID) < ($1.key.customer, $1.key.alertID)
        }
        statements.append(
            (
                """
                INSERT INTO campaigns.complaints AS stored (corp_id, customer_id, alert_id, opened_at, resolved_at)
                SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
                ON CONFLICT (corp_id, customer_id, alert_id) DO UPDATE
                SET opened_at = greatest(stored.opened_at, EXCLUDED.opened_at),
                    resolved_at = greatest(stored.resolved_at, EXCLUDED.resolved_at)
                """,
                [
                    .textArray(rows.map(\.key.customer.corpID)), .textArray(rows.map(\.key.customer.customerID)),
                    .textArray(rows.map(\.key.alertID)), .timestampArray(milliseconds: rows.map(\.value.openedAt)),
                    .timestampArray(milliseconds: rows.map(\.value.resolvedAt)),
                ]
            ))
    }

    private static func addSignals(_ decision: DispatchDecision, to statements: inout [(String, [PostgresValue])]) {
        guard !decision.signals.isEmpty else { return }
        let rows = decision.signals.sorted { ($0.key.customer, $0.key.signal) < ($1.key.customer, $1.key.signal) }
        statements.append(
            (
                """
                INSERT INTO campaigns.signals AS stored (corp_id, customer_id, signal, last_at)
                SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
                ON CONFLICT (corp_id, customer_id, signal) DO UPDATE
                SET last_at = greatest(stored.last_at, EXCLUDED.last_at)
                """,
                [
                    .textArray(rows.map(\.key.customer.corpID)), .textArray(rows.map(\.key.customer.customerID)),
                    .textArray(rows.map(\.key.signal)), .timestampArray(milliseconds: rows.map(\.value)),
                ]
            ))
    }
}
