import Contracts
import Foundation
import Postgres
import TagScoring

/// All that the scorer keeps of one customer.
struct StoredCustomer: Sendable {
    var key: CustomerKey
    var events: [CountedEvent] = []
    /// Ids of the tags it has.
    var held: Set<String> = []
    /// The version of the rules it was scored under last; empty for none.
    var ruleVersion: String
    /// When it is looked at again, milliseconds UTC.
    var dueAt: Int64?

    /// Customers in the order of their keys, after `last`, in one statement each: of one moment.
    static func page(
        _ databases: FleetDatabases, after last: CustomerKey, corp: String?, customer: String?, limit: Int
    ) async throws -> [StoredCustomer] {
        // One array of rows as JSON for events and one for tags, so that all is of one snapshot.
        let rows = try await databases.query(
            .tagging,
            """
            SELECT c.corp_id, c.customer_id, c.rule_version, c.due_at,
                ARRAY(SELECT tag FROM tagging.tags AS t
                    WHERE t.corp_id = c.corp_id AND t.customer_id = c.customer_id AND t.held),
                (SELECT coalesce(jsonb_agg(jsonb_build_object(
                        'type', type, 'source', source, 'event_id', event_id,
                        'occurred_at', (extract(epoch FROM occurred_at) * 1000)::bigint, 'side', side,
                        'order_id', order_id, 'amount', amount, 'sku', sku, 'alert_id', alert_id, 'rule_id', rule_id)),
                        '[]')::text
                    FROM tagging.events AS e WHERE e.corp_id = c.corp_id AND e.customer_id = c.customer_id)
            FROM tagging.customers AS c
            WHERE (c.corp_id, c.customer_id) > ($1::text, $2::text)
                AND ($3::text IS NULL OR c.corp_id = $3) AND ($4::text IS NULL OR c.customer_id = $4)
            ORDER BY c.corp_id, c.customer_id LIMIT $5
            """,
            [
                .text(last.corpID), .text(last.customerID), PostgresValue(text: corp), PostgresValue(text: customer),
                .int64(Int64(limit)),
            ])
        return try rows.map { row in
            let (corpID, customerID, version, due, held, events) = try row.decode(
                String.self, String.self, String.self, PostgresTimestamp?.self, [String].self, String.self)
            return StoredCustomer(
                key: CustomerKey(corpID: corpID, customerID: customerID),
                events: try JSONDecoder().decode([StoredEvent].self, from: Data(events.utf8)).map(\.counted),
                held: Set(held), ruleVersion: version, dueAt: due?.milliseconds)
        }
    }

    /// The rules that the scorer adopted last, by corp.
    static func rules(
        _ databases: FleetDatabases
    ) async throws -> [String: (rules: TagRulesConfiguration, version: String)] {
        let rows = try await databases.query(
            .tagging,
            """
            SELECT DISTINCT ON (key) version, value FROM tagging.snapshots WHERE kind = $1 ORDER BY key, adopted_at DESC
            """, [.text(TagRulesFile.kind)])
        var rules: [String: (rules: TagRulesConfiguration, version: String)] = [:]
        for row in rows {
            let (version, value) = try row.decode(String.self, [UInt8].self)
            // Empty: removed on purpose.
            guard !value.isEmpty else { continue }
            let configuration = try TagRulesFile.decode(value)
            rules[configuration.corpID] = (configuration, version)
        }
        return rules
    }
}

private struct StoredEvent: Decodable {
    var type: String
    var source: String
    var eventID: String
    var occurredAt: Int64
    var side: Party.Kind?
    var orderID: String?
    var amount: Int64?
    var sku: String?
    var alertID: String?
    var ruleID: String?

    enum CodingKeys: String, CodingKey {
        case type
        case source
        case eventID = "event_id"
        case occurredAt = "occurred_at"
        case side
        case orderID = "order_id"
        case amount
        case sku
        case alertID = "alert_id"
        case ruleID = "rule_id"
    }

    var counted: CountedEvent {
        CountedEvent(
            type: type, source: source, eventID: eventID, occurredAt: occurredAt, side: side, orderID: orderID,
            amount: amount, sku: sku, alertID: alertID, ruleID: ruleID)
    }
}
