package import Contracts
import Foundation
package import Postgres
import Records
package import TagScoring

/// A statement with its values.
typealias Statement = (String, [PostgresValue])

/// Scores customers in a transaction: stores what came, reads what counts, decides, writes what changes.
package struct CustomerScoring {
    /// By corp.
    let rules: [String: TagRuleSet]
    /// Milliseconds UTC.
    let now: Int64

    package init(rules: [String: TagRuleSet], now: Int64) {
        self.rules = rules
        self.now = now
    }

    /// A change of a customer's tags.
    package struct Change: Sendable {
        package var customer: CustomerKey
        package var change: TagChange

        /// On its way to the topic, keyed by customer.
        func record(topic: String) throws -> OutgoingRecord {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return OutgoingRecord(
                topic: topic, key: Array(customer.customerID.utf8), value: Array(try encoder.encode(change)),
                headers: [
                    Header(HeaderNames.eventType, text: TagChange.eventType),
                    Header(HeaderNames.corpID, text: customer.corpID),
                ])
        }
    }

    /// Stores events and scores the customers that something new is known of.
    /// - Parameter lanes: of every customer of the events.
    func take(
        _ events: [ReceivedEvent], lanes: [CustomerKey: Int32], in transaction: PostgresTransaction
    ) async throws -> [Change] {
        // Customers first and in one order: whoever looks at the events of one has to wait for who writes them.
        let sorted = events.sorted { $0.event.identity < $1.event.identity }
        let rows = try await transaction.pipeline([
            CustomerStore.lock(lanes, now: now), EventStore.insertion(sorted, now: now),
            EventStore.conflicts(sorted, now: now),
        ])
        let inserted = try CustomerStore.keys(rows[1])
        let new = Set(inserted)
        TagScorerMetrics.count(events: events.count, new: inserted.count, conflicts: rows[2].affected)
        return try await score(lanes.filter { new.contains($0.key) }, in: transaction)
    }

    /// Scores customers whose rows are locked or are nobody else's.
    package func score(
        _ lanes: [CustomerKey: Int32], in transaction: PostgresTransaction
    ) async throws -> [Change] {
        guard !lanes.isEmpty else { return [] }
        let keys = lanes.keys.sorted()
        let rows = try await transaction.pipeline([
            CustomerStore.lock(lanes, now: now), EventStore.selection(keys, rules: rules, now: now),
            TagStore.selection(keys),
        ])
        let events = try EventStore.events(rows[1])
        let states = try TagStore.states(rows[2])
        var changes: [Change] = []
        var scored: [CustomerStore.Scored] = []
        for key in keys {
            guard let set = rules[key.corpID] else {
                scored.append(.init(key: key, ruleVersion: "", dueAt: nil))
                continue
            }
            let decision = set.decide(
                states[key, default: [:]], CustomerHistory(events[key, default: []]), now: now)
            scored.append(.init(key: key, ruleVersion: set.version, dueAt: decision.nextTimer))
            changes += decision.changes.map { change in
                Change(
                    customer: key,
                    change: TagChange(
                        corpID: key.corpID, customerID: key.customerID, tag: change.tag, name: change.name,
                        change: change.change, revision: change.revision, at: change.at, reason: change.reason,
                        ruleVersion: set.version))
            }
        }
        try await transaction.pipeline(
            [CustomerStore.update(scored, now: now)] + TagStore.writes(changes.map(\.change), now: now))
        for change in changes { TagScorerMetrics.changed(change.change.change) }
        return changes
    }
}
