import Contracts
import Postgres

/// A tag that a customer has.
struct HeldTag: Sendable, Encodable {
    var corpID: String
    var customerID: String
    var tag: String
    var name: String
    /// Since when the rule holds.
    var since: String
    var reason: String
    var ruleVersion: String

    /// Page by page by key: short statements that don't hold back the workers.
    static func read(
        _ databases: FleetDatabases, corp: String?, tag: String?, customer: String?, limit: Int
    ) async throws -> [HeldTag] {
        var found: [HeldTag] = []
        var last = ("", "", "")
        while found.count < limit {
            let size = min(500, limit - found.count)
            let rows = try await databases.query(
                .tagging,
                """
                SELECT corp_id, customer_id, tag, name, changed_at, reason, rule_version FROM tagging.tags
                WHERE held AND (corp_id, customer_id, tag) > ($1::text, $2::text, $3::text)
                    AND ($4::text IS NULL OR corp_id = $4) AND ($5::text IS NULL OR tag = $5)
                    AND ($6::text IS NULL OR customer_id = $6)
                ORDER BY corp_id, customer_id, tag LIMIT $7
                """,
                [
                    .text(last.0), .text(last.1), .text(last.2), PostgresValue(text: corp), PostgresValue(text: tag),
                    PostgresValue(text: customer), .int64(Int64(size)),
                ])
            for row in rows {
                let (corpID, customerID, tag, name, at, reason, version) = try row.decode(
                    String.self, String.self, String.self, String.self, PostgresTimestamp.self, String.self,
                    String.self)
                found.append(
                    HeldTag(
                        corpID: corpID, customerID: customerID, tag: tag, name: name,
                        since: Instant.text(at.milliseconds), reason: reason, ruleVersion: version))
                last = (corpID, customerID, tag)
            }
            if rows.count < size { break }
        }
        return found
    }

    static func text(_ tags: [HeldTag]) -> String {
        var table = TextTable(header: ["CUSTOMER", "TAG", "NAME", "SINCE", "REASON"])
        for tag in tags { table.append([tag.customerID, tag.tag, tag.name, tag.since, tag.reason]) }
        return table.text
    }
}
