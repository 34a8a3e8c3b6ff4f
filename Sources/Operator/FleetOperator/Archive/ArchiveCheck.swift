import Contracts
import Postgres

/// Compares what is kept of the archive's conversations with a recount of their messages.
///
/// In pages of conversations and by months, each a short statement of its own: one old snapshot would slow the workers.
package struct ArchiveCheck: Sendable {
    /// Conversations that are named; all are counted.
    private static let named = 100
    private static let page: Int64 = 500

    private let databases: FleetDatabases

    package init(databases: FleetDatabases) { self.databases = databases }

    /// What was found.
    package struct Result: Sendable, Encodable {
        package var conversations = 0
        package var messages: Int64 = 0
        /// Conversations that differ.
        package var differing = 0
        /// The first of them.
        package var differences: [Difference] = []

        mutating func add(_ difference: Difference) {
            differing += 1
            if differences.count < ArchiveCheck.named { differences.append(difference) }
        }
    }

    package struct Difference: Sendable, Encodable, Equatable {
        package var corpID: String
        package var conversationID: String
        /// `employee_messages`, `customer_messages`, `robot_messages`, `first_message_at`, `last_message_at`,
        /// `participants`; `missing` for a conversation with messages and without a row.
        package var differs: [String]
    }

    /// - Parameter progress: told how many conversations were checked so far.
    package func run(progress: (Int) -> Void = { _ in }) async throws -> Result {
        var result = Result()
        var last = ("", "")
        while true {
            let rows = try await databases.query(
                .archive, Self.recount, [.text(last.0), .text(last.1), .int64(Self.page)])
            for row in rows {
                let (corpID, id, messages, differs) = try row.decode(
                    String.self, String.self, Int64.self, [String].self)
                result.conversations += 1
                result.messages += messages
                if !differs.isEmpty {
                    result.add(Difference(corpID: corpID, conversationID: id, differs: differs))
                }
                last = (corpID, id)
            }
            progress(result.conversations)
            if rows.count < Int(Self.page) { break }
        }
        for month in try await databases.query(.archive, Self.months) {
            let part = try month.decode(String.self, at: 0)
            for row in try await databases.query(.archive, Self.missing(in: part)) {
                let (corpID, id) = try row.decode(String.self, String.self)
                result.add(Difference(corpID: corpID, conversationID: id, differs: ["missing"]))
            }
        }
        return result
    }

    private static let recount = """
        WITH page AS MATERIALIZED (
            SELECT corp_id, conversation_id FROM archive.conversations
            WHERE (corp_id, conversation_id) > ($1::text, $2::text) ORDER BY corp_id, conversation_id LIMIT $3
        ), kept AS MATERIALIZED (
            SELECT corp_id, conversation_id, min(first_at) AS first_at, max(last_at) AS last_at,
                sum(employee)::bigint AS employee, sum(customer)::bigint AS customer, sum(robot)::bigint AS robot
            FROM (
                SELECT t.corp_id, t.conversation_id, t.first_message_at AS first_at, t.last_message_at AS last_at,
                    t.employee_messages AS employee, t.customer_messages AS customer, t.robot_messages AS robot
                FROM page JOIN archive.conversation_totals t USING (corp_id, conversation_id)
                UNION ALL
                SELECT d.corp_id, d.conversation_id, d.first_at, d.last_at, d.employee, d.customer, d.robot
                FROM page JOIN archive.conversation_delta_log d USING (corp_id, conversation_id)
            ) AS parts
            GROUP BY corp_id, conversation_id
        )
        SELECT page.corp_id, page.conversation_id, counted.messages, array_remove(ARRAY[
            CASE WHEN coalesce(kept.employee, 0) <> counted.employee THEN 'employee_messages' END,
            CASE WHEN coalesce(kept.customer, 0) <> counted.customer THEN 'customer_messages' END,
            CASE WHEN coalesce(kept.robot, 0) <> counted.robot THEN 'robot_messages' END,
            CASE WHEN kept.first_at IS DISTINCT FROM counted.first_at THEN 'first_message_at' END,
            CASE WHEN kept.last_at IS DISTINCT FROM counted.last_at THEN 'last_message_at' END,
            CASE WHEN people.kept IS DISTINCT FROM people.counted THEN 'participants' END], NULL)
        FROM page
        LEFT JOIN kept USING (corp_id, conversation_id)
        CROSS JOIN LATERAL (
            SELECT count(*) AS messages, count(*) FILTER (WHERE action = 'send' AND sender_kind = 'employee') AS employee,
                count(*) FILTER (WHERE action = 'send' AND sender_kind = 'customer') AS customer,
                count(*) FILTER (WHERE action = 'send' AND sender_kind = 'robot') AS robot,
                min(coalesce(sent_at, nullif(filed_at, 'epoch'))) FILTER (WHERE action = 'send') AS first_at,
                max(coalesce(sent_at, nullif(filed_at, 'epoch'))) FILTER (WHERE action = 'send') AS last_at
            FROM archive.messages m
            WHERE m.conversation_id = page.conversation_id AND m.corp_id = page.corp_id
        ) AS counted
        CROSS JOIN LATERAL (
            SELECT
                ARRAY(
                    SELECT DISTINCT lower(p.party_id) AS id FROM archive.participants p
                    WHERE p.corp_id = page.corp_id AND p.conversation_id = page.conversation_id ORDER BY id) AS kept,
                ARRAY(
                    SELECT DISTINCT lower(person) AS id
                    FROM archive.messages m, unnest(m.recipients || m.sender_id) AS person
                    WHERE m.conversation_id = page.conversation_id AND m.corp_id = page.corp_id ORDER BY id) AS counted
        ) AS people
        ORDER BY page.corp_id, page.conversation_id
        """

    private static let months = """
        SELECT relname::text FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'archive.messages'::regclass ORDER BY relname
        """

    /// - Parameter partition: from the catalogue.
    private static func missing(in partition: String) -> String {
        """
        SELECT corp_id, conversation_id FROM archive."\(partition)"
        EXCEPT SELECT corp_id, conversation_id FROM archive.conversations
        """
    }
}

extension ArchiveCheck.Result {
    /// For people.
    package var text: String {
        guard differing > 0 else {
            return "\(conversations) conversations with \(messages) messages: everything agrees"
        }
        let named = differences.map {
            "\($0.corpID) \($0.conversationID): \($0.differs.joined(separator: ", "))"
        }
        let more = differing > differences.count ? ["... and \(differing - differences.count) more"] : []
        return (["\(differing) of \(conversations) conversations differ from their messages:"] + named + more)
            .joined(separator: "\n")
    }
}
