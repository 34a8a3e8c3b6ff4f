package import Contracts
import JSON
package import Postgres
package import Records
import Synchronization
package import TagScoring
package import WorkerRuntime

/// Keeps what customers did and gives them tags by their corp's rules.
///
/// Consumes ``Topics/customerEvents``; publishes ``Topics/customerTags`` through the outbox, keyed by customer.
/// An event is unique by (corp, source, type, event id): a repetition changes nothing, and other content under a known
/// identity is kept as a conflict and counts nowhere. A customer's tags are a function of its stored events and the
/// clock, so no order, repetition or lateness of events makes a difference. What changes by the clock alone is found by
/// the lane's owner: see ``LaneTimers``.
package final class TagScorer: BatchHandler {
    package typealias Transaction = PostgresTransaction

    /// What is to be stored of a batch, and whose tags may change.
    package struct Decision: Sendable {
        var events: [ReceivedEvent] = []
        var deadLetters: [DeadLetter] = []
    }

    private let tagsTopic: String
    private let rules: @Sendable () -> [String: TagRuleSet]
    private let pool: PostgresPool
    private let settings: TagScorerSettings
    private let parser = Mutex(JSONParser())

    /// - Parameters:
    ///   - tagsTopic: with namespace.
    ///   - pool: for looks at what is due; everything else goes through the lane's transactions.
    ///   - rules: what is in force, by corp; asked once for each batch. Events of other corps are kept, and scored when
    ///     rules come.
    package init(
        tagsTopic: String, settings: TagScorerSettings = TagScorerSettings(), pool: PostgresPool,
        rules: @escaping @Sendable () -> [String: TagRuleSet]
    ) {
        self.tagsTopic = tagsTopic
        self.settings = settings
        self.pool = pool
        self.rules = rules
    }

    package func decode(_ record: Record) throws(Undecodable) -> CustomerEvent? {
        guard let value = record.value else { throw Undecodable(reason: "no_value", detail: "the value is null") }
        return try parser.withLock { (parser) throws(Undecodable) in
            do {
                return try CustomerEvent(json: parser.parse(value).root)
            } catch let fault as CustomerEventFault {
                throw Undecodable(reason: "malformed_event", detail: fault.description)
            } catch let error as JSONError {
                throw Undecodable(reason: "malformed_json", detail: error.description)
            } catch {
                throw Undecodable(reason: "malformed_json", detail: "unreadable")
            }
        }
    }

    /// `<corp>/<customer>`. The order of events makes no difference, so nothing waits behind a dead letter.
    package func key(of event: CustomerEvent) -> [UInt8]? { Array("\(event.corpID)/\(event.customerID)".utf8) }

    package func ruleVersion(of record: Record) -> String? {
        record.header(HeaderNames.corpID).flatMap { rules()[String(decoding: $0, as: UTF8.self)]?.version }
    }

    package func decide(_ batch: Batch<CustomerEvent>) -> Decision {
        var decision = Decision()
        for item in batch.items {
            if item.event.isFarFuture(at: batch.nowMilliseconds) {
                decision.deadLetters.append(
                    DeadLetter(
                        record: item.record, reason: "far_future",
                        detail: "occurred_at is more than 24 hours ahead of the clock", key: key(of: item.event),
                        ruleVersion: rules()[item.event.corpID]?.version))
            } else {
                decision.events.append(ReceivedEvent(event: item.event, value: item.record.value ?? []))
            }
        }
        return decision
    }

    package func apply(
        _ decision: Decision, in transaction: PostgresTransaction, context: ApplyContext
    ) async throws -> Effects {
        try await apply([LaneDecision(lane: context.lane, decision: decision)], in: transaction, context: context)[0]
    }

    /// A customer's events come through one lane, unless a producer's keys are wrong; and then rows are locked in one order.
    package var sharesTransactions: Bool { true }

    /// All as one: as many statements as for one lane. Each change goes out by the lane its customer's events came by.
    package func apply(
        _ decisions: [LaneDecision<Decision>], in transaction: PostgresTransaction, context: ApplyContext
    ) async throws -> [Effects] {
        var effects = decisions.map { Effects(deadLetters: $0.decision.deadLetters) }
        var places: [CustomerKey: Int] = [:]
        for (place, part) in decisions.enumerated() {
            for event in part.decision.events { places[event.event.customer] = place }
        }
        guard !places.isEmpty else { return effects }
        let scoring = CustomerScoring(rules: rules(), now: context.nowMilliseconds)
        let lanes = places.mapValues { decisions[$0].lane }
        let changes = try await scoring.take(decisions.flatMap(\.decision.events), lanes: lanes, in: transaction)
        for change in changes {
            effects[places[change.customer] ?? 0].outbox.append(try change.record(topic: tagsTopic))
        }
        return effects
    }

    package func run(while lane: LaneSession<PostgresTransaction>) async throws {
        let timers = LaneTimers(
            lane: lane, pool: pool, settings: settings, tagsTopic: tagsTopic, rules: rules)
        guard lane.lane == 0 else { return try await timers.run() }
        // One lane forgets for all.
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await timers.run() }
            group.addTask {
                try await EventSweep(lane: lane, rules: self.rules).run()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

/// An event as it came.
package struct ReceivedEvent: Sendable {
    package var event: CustomerEvent
    package var value: [UInt8]

    package init(event: CustomerEvent, value: [UInt8]) {
        self.event = event
        self.value = value
    }
}
