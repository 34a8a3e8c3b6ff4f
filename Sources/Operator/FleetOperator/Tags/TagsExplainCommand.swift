import ArgumentParser
import Contracts
import Postgres
import TagScoring
import WorkerHost

/// `scrm tags explain`.
struct TagsExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Why a customer has its tags: how each rule stands, and every change so far.",
        discussion: "Example: scrm tags explain wmR4xTCwAA4CG9QiuWSfaCGxnF5Zcahn")

    @Argument(help: ArgumentHelp("The customer's id.", valueName: "customer"))
    var customer: String
    @Option(help: ArgumentHelp("Only this corp.", valueName: "id"))
    var corp: String?
    @OptionGroup var options: OperatorOptions

    struct Explanation: Encodable {
        var corpID: String
        var customerID: String
        /// Stored events, by type.
        var events: [String: Int]
        /// When a tag may change although nothing happens.
        var dueAt: String?
        var rules: [Rule]
        /// Oldest first.
        var changes: [Change]

        struct Rule: Encodable {
            var tag: String
            var holds: Bool
            var reason: String
        }

        struct Change: Encodable {
            var tag: String
            var name: String
            var revision: Int64
            var change: String
            /// When the rule became true or stopped being so.
            var at: String
            /// When the scorer saw it.
            var decidedAt: String
            var reason: String
            var ruleVersion: String
        }

        var text: String {
            var lines = [
                "\(corpID) \(customerID): "
                    + events.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
            ]
            lines += rules.map { "  \($0.holds ? "has" : "has not") \($0.tag): \($0.reason)" }
            if let dueAt { lines.append("  next look at \(dueAt)") }
            lines += changes.map { change in
                "  \(change.at) \(change.change == "added" ? "+" : "-") \(change.tag) \(change.name) "
                    + "(revision \(change.revision), rules \(change.ruleVersion)): \(change.reason)"
            }
            return lines.joined(separator: "\n")
        }
    }

    func run() async throws {
        let settings = try options.settings(needs: [.database])
        let found = try await FleetDatabases.with(settings) { databases in
            let rules = try await StoredCustomer.rules(databases)
            let customers = try await StoredCustomer.page(
                databases, after: CustomerKey(corpID: "", customerID: ""), corp: corp, customer: customer, limit: 100)
            var found: [Explanation] = []
            for customer in customers {
                found.append(try await explain(customer, rules[customer.key.corpID], databases))
            }
            return found
        }
        guard !found.isEmpty else {
            throw OperatorFailure(
                .failure, "Nothing is known of a customer \(customer).",
                advice: "Look among `scrm dead-letters list --worker tag-scorer`, or wait with `scrm drain`.")
        }
        try options.console.report(found, text: found.map(\.text).joined(separator: "\n\n"))
    }

    private func explain(
        _ customer: StoredCustomer, _ rules: (rules: TagRulesConfiguration, version: String)?,
        _ databases: FleetDatabases
    ) async throws -> Explanation {
        let standings = try rules.map { rules in
            try TagRuleSet(rules.rules, version: rules.version)
                .explain(CustomerHistory(customer.events), now: SystemClock().nowMilliseconds)
        }
        let rows = try await databases.query(
            .tagging,
            """
            SELECT tag, name, revision, change, changed_at, decided_at, reason, rule_version FROM tagging.changes
            WHERE corp_id = $1 AND customer_id = $2 ORDER BY decided_at, tag, revision
            """, [.text(customer.key.corpID), .text(customer.key.customerID)])
        let changes = try rows.map { row in
            let (tag, name, revision, change, at, decided, reason, version) = try row.decode(
                String.self, String.self, Int64.self, String.self, PostgresTimestamp.self, PostgresTimestamp.self,
                String.self, String.self)
            return Explanation.Change(
                tag: tag, name: name, revision: revision, change: change, at: Instant.text(at.milliseconds),
                decidedAt: Instant.text(decided.milliseconds), reason: reason, ruleVersion: version)
        }
        return Explanation(
            corpID: customer.key.corpID, customerID: customer.key.customerID,
            events: Dictionary(grouping: customer.events, by: \.type).mapValues(\.count),
            dueAt: customer.dueAt.map(Instant.text),
            rules: (standings ?? []).map { Explanation.Rule(tag: $0.tag, holds: $0.holds, reason: $0.reason) },
            changes: changes)
    }
}
