import Campaigns
import Postgres

extension FactStore {
    private typealias Customer = DispatchDecision.CustomerKey

    /// What the guards need to know of these customers. Customers of whom nothing is known have no entry.
    /// - Parameter since: what was sent before is of no interest.
    static func facts(
        _ customers: [DispatchDecision.CustomerKey], sentSince since: Int64, in transaction: PostgresTransaction
    ) async throws -> [DispatchDecision.CustomerKey: CustomerFacts] {
        let keys: [PostgresValue] = [
            .textArray(customers.map(\.corpID)), .textArray(customers.map(\.customerID)),
        ]
        let wanted = "FROM unnest($1::text[], $2::text[]) AS wanted (corp_id, customer_id) JOIN"
        let rows = try await transaction.pipeline([
            (
                """
                SELECT f.corp_id, f.customer_id, f.employee_id, f.opted_out, f.consent
                \(wanted) campaigns.customers AS f USING (corp_id, customer_id)
                """, keys
            ),
            (
                """
                SELECT f.corp_id, f.customer_id, f.tag \(wanted) campaigns.tags AS f USING (corp_id, customer_id)
                WHERE f.present
                """, keys
            ),
            (
                """
                SELECT f.corp_id, f.customer_id, CASE WHEN f.resolved_at >= f.opened_at THEN f.resolved_at END
                \(wanted) campaigns.complaints AS f USING (corp_id, customer_id) WHERE f.opened_at IS NOT NULL
                """, keys
            ),
            (
                """
                SELECT f.corp_id, f.customer_id, f.signal, f.last_at
                \(wanted) campaigns.signals AS f USING (corp_id, customer_id)
                """, keys
            ),
            (
                """
                SELECT f.corp_id, f.customer_id, f.approved_at, f.content_hash
                \(wanted) campaigns.touches AS f USING (corp_id, customer_id)
                WHERE f.state IN ('ready', 'claimed', 'created', 'reached', 'unsure') AND f.approved_at > $3
                """, keys + [.timestamp(milliseconds: since)]
            ),
        ])
        return try collect(rows)
    }

    private static func collect(_ rows: [PostgresRows]) throws -> [DispatchDecision.CustomerKey: CustomerFacts] {
        var facts: [Customer: CustomerFacts] = [:]
        for row in rows[0] {
            facts[try customer(row), default: CustomerFacts()].employeeID = try row.decode(String?.self, at: 2)
            facts[try customer(row)]?.hasOptedOut = try row.decode(Bool.self, at: 3)
            facts[try customer(row)]?.consent = try row.decode(Bool?.self, at: 4)
        }
        for row in rows[1] {
            facts[try customer(row), default: CustomerFacts()].tags.insert(try row.decode(String.self, at: 2))
        }
        for row in rows[2] {
            facts[try customer(row), default: CustomerFacts()].complaints.append(
                try row.decode(PostgresTimestamp?.self, at: 2)?.milliseconds)
        }
        for row in rows[3] {
            facts[try customer(row), default: CustomerFacts()].signals[try row.decode(String.self, at: 2)] =
                try row.decode(PostgresTimestamp.self, at: 3).milliseconds
        }
        for row in rows[4] {
            facts[try customer(row), default: CustomerFacts()].sent.append(
                CustomerFacts.Sent(
                    at: try row.decode(PostgresTimestamp.self, at: 2).milliseconds,
                    contentHash: try row.decode(String.self, at: 3)))
        }
        return facts
    }

    private static func customer(_ row: PostgresRow) throws -> DispatchDecision.CustomerKey {
        Customer(corpID: try row.decode(String.self, at: 0), customerID: try row.decode(String.self, at: 1))
    }
}
