import Contracts
import FleetOperator
import Foundation
import Postgres
import Records
import Synchronization
import TagScorer
import TagScoring
import TestSupport
import Testing
import WorkerRuntime

/// The handler on PostgreSQL, under the worker's own role.
@Suite(.requiresPostgres) struct TagScorerTests {
    private static let corpID = "ww5a7c0e1f2b3d4c6a"
    private static let day: Int64 = 86_400_000

    /// The shipped rules, at their edges the clock's: tests of timers need now.
    private static func rules() throws -> TagRuleSet {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let value = Array(try Data(contentsOf: tests.appending(path: "Fixtures/config.tag-rules.v1.json")))
        return try TagRuleSet.compile(key: "\(corpID)/tag-rules", value: value)
    }

    private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    private static func event(
        _ type: String, _ id: String, _ time: Int64, customer: String = "wm1", order: String? = nil,
        amount: Int64? = nil, side: Party.Kind? = nil
    ) -> CustomerEvent {
        CustomerEvent(
            corpID: corpID, customerID: customer, source: "shop", type: type, eventID: id, occurredAt: time, side: side,
            orderID: order, amount: amount)
    }

    private static func record(_ event: CustomerEvent, offset: Int64 = 1) throws -> Record {
        Record(
            topic: Topics.customerEvents.name, partition: 0, offset: offset, timestampMilliseconds: now,
            key: Array(event.customerID.utf8), value: Array(try JSONEncoder().encode(event)))
    }

    private static func scorer(_ pool: PostgresPool, rules: TagRuleSet) -> TagScorer {
        TagScorer(
            tagsTopic: "staging.customer.tags.v1", settings: TagScorerSettings(timerInterval: .milliseconds(20)),
            pool: pool
        ) { [rules.corpID: rules] }
    }

    /// One batch as the runtime runs it.
    @discardableResult
    private static func run(
        _ scorer: TagScorer, _ events: [CustomerEvent], on pool: PostgresPool, now: Int64 = now
    ) async throws -> Effects {
        let items = try events.compactMap { event in
            let record = try record(event)
            return try scorer.decode(record).map { Batch<CustomerEvent>.Item(event: $0, record: record) }
        }
        let decision = scorer.decide(Batch(lane: 0, items: items, nowMilliseconds: now))
        return try await pool.withTransaction { transaction in
            try await scorer.apply(
                decision, in: transaction,
                context: ApplyContext(lane: 0, attempt: 1, mayConflict: false, nowMilliseconds: now))
        }
    }

    private static func changes(_ effects: Effects) throws -> [TagChange] {
        try effects.outbox.map { record in
            #expect(record.topic == "staging.customer.tags.v1")
            return try JSONDecoder().decode(TagChange.self, from: Data(try #require(record.value)))
        }
    }

    private static func count(_ table: String, _ pool: PostgresPool) async throws -> Int64 {
        try await pool.execute("SELECT count(*) FROM tagging.\(table)")[0].decode(Int64.self, at: 0)
    }

    private static func withScorer(_ body: (TagScorer, PostgresPool) async throws -> Void) async throws {
        try await TestDatabase.withDatabase { database in
            try await database.withPool(user: Schema.tagging.role) { pool in
                try await body(scorer(pool, rules: try rules()), pool)
            }
        }
    }

    private static func carts(_ count: Int, from time: Int64, customer: String = "wm1") -> [CustomerEvent] {
        (0..<count).map { event("cart.added", "\(customer)-c\($0)", time + Int64($0), customer: customer) }
    }

    @Test func threeCartsGiveATagAndAPaymentTakesIt() async throws {
        try await Self.withScorer { scorer, pool in
            let now = Self.now
            #expect(try await Self.run(scorer, Self.carts(2, from: now - 100), on: pool).outbox.isEmpty)
            let effects = try await Self.run(scorer, Self.carts(3, from: now - 100), on: pool)
            let added = try Self.changes(effects)
            #expect(effects.outbox.map(\.key) == [Array("wm1".utf8)])
            #expect(added.map(\.tag) == ["high-intent"])
            #expect(added.map(\.change) == [.added])
            #expect(added.map(\.revision) == [1])
            #expect(added.map(\.at) == [now - 98])
            // The same again changes nothing.
            #expect(try await Self.run(scorer, Self.carts(3, from: now - 100), on: pool).outbox.isEmpty)
            let paid = Self.event("order.paid", "p", now - 10, order: "o", amount: 100)
            let removed = try Self.changes(try await Self.run(scorer, [paid], on: pool))
            #expect(removed.map(\.change) == [.removed])
            #expect(removed.map(\.revision) == [2])
            #expect(removed.map(\.at) == [now - 10])
            #expect(removed[0].reason == "order.paid: 1 in 7d (at most 0)")
            #expect(try await Self.count("events", pool) == 4)
            #expect(try await Self.count("changes", pool) == 2)
        }
    }

    @Test func otherContentUnderAKnownIdentityIsFlaggedAndCountsNowhere() async throws {
        try await Self.withScorer { scorer, pool in
            let now = Self.now
            let first = Self.event("order.paid", "p", now - 1_000, order: "o", amount: 100)
            let other = Self.event("order.paid", "p", now - 1_000, order: "o", amount: 900_000)
            #expect(try await Self.run(scorer, [first, other, first], on: pool).outbox.isEmpty)
            #expect(try await Self.run(scorer, [other], on: pool).outbox.isEmpty)
            #expect(try await Self.count("events", pool) == 1)
            let row = try await pool.execute("SELECT times, event FROM tagging.conflicts")[0]
            let (times, value) = try row.decode(Int64.self, [UInt8].self)
            #expect(times == 2)
            #expect(try JSONDecoder().decode(CustomerEvent.self, from: Data(value)) == other)
        }
    }

    @Test func theFarFutureIsADeadLetterAndTheNearOneWaits() async throws {
        try await Self.withScorer { scorer, pool in
            let now = Self.now
            let carts = Self.carts(2, from: now - 100)
            let near = Self.event("cart.added", "near", now + 3_600_000)
            let far = Self.event("cart.added", "far", now + 25 * 3_600_000)
            let effects = try await Self.run(scorer, carts + [near, far], on: pool, now: now)
            #expect(effects.outbox.isEmpty)
            #expect(effects.deadLetters.map(\.reason) == ["far_future"])
            #expect(try await Self.count("events", pool) == 3)
            let later = Self.event("page.viewed", "v", now + 1)
            let due = try await Self.run(scorer, [later], on: pool, now: now + 3_600_000)
            #expect(try Self.changes(due).map(\.at) == [near.occurredAt])
        }
    }

    @Test func anUnreadableEventSaysWhereAndNotWhat() throws {
        let pool = PostgresPool(PostgresConfiguration(applicationName: "tests"))
        let scorer = Self.scorer(pool, rules: try Self.rules())
        let record = Record(
            topic: "t", partition: 0, offset: 0,
            value: Array(
                #"{"corp_id":"c","customer_id":"k","source":"s","type":"order.refunded","event_id":"e","occurred_at":1773100800000,"amount":5}"#
                    .utf8))
        #expect(
            throws: Undecodable(
                reason: "malformed_event", detail: "member `order_id` is missing; order.refunded needs it")
        ) { try scorer.decode(record) }
    }

    /// A session whose transactions are the pool's; its outbox entries are handed out.
    private static func session(
        _ pool: PostgresPool, _ published: @escaping @Sendable ([OutgoingRecord]) -> Void
    ) -> LaneSession<PostgresTransaction> {
        LaneSession(lane: 0) { body in
            let effects = try await pool.withTransaction { try await body($0) }
            published(effects.outbox)
        }
    }

    @Test func aWindowThatEmptiesFiresATimerOnce() async throws {
        try await Self.withScorer { scorer, pool in
            // Taken in before they leave the window, looked at afterwards.
            let leaving = Self.now - 7 * Self.day - 1_000
            try await Self.run(scorer, Self.carts(3, from: leaving), on: pool, now: leaving + 6 * Self.day)
            #expect(try await Self.count("tags WHERE held", pool) == 1)
            let published = Mutex<[OutgoingRecord]>([])
            let timers = Task {
                try await scorer.run(while: Self.session(pool) { records in published.withLock { $0 += records } })
            }
            defer { timers.cancel() }
            try await eventually("the tag is gone") { try await Self.count("tags WHERE held", pool) == 0 }
            let changes = try published.withLock { $0 }.map {
                try JSONDecoder().decode(TagChange.self, from: Data(try #require($0.value)))
            }
            #expect(changes.map(\.change) == [.removed])
            #expect(changes.map(\.at) == [leaving + 7 * Self.day])
            #expect(changes[0].reason == "cart.added: 2 in 7d since the last cart.cleared (at least 3)")
            #expect(try await Self.count("customers WHERE due_at < now()", pool) == 0)
        }
    }

    @Test func newRulesScoreEveryCustomerAgain() async throws {
        try await TestDatabase.withDatabase { database in
            try await database.withPool(user: Schema.tagging.role) { pool in
                let none = try TagRuleSet(.init(corpID: Self.corpID, tags: []), version: "0")
                let before = Self.scorer(pool, rules: none)
                for customer in ["wm1", "wm2"] {
                    try await Self.run(before, Self.carts(3, from: Self.now - 100, customer: customer), on: pool)
                }
                #expect(try await Self.count("tags", pool) == 0)
                let after = Self.scorer(pool, rules: try Self.rules())
                let timers = Task { try await after.run(while: Self.session(pool) { _ in }) }
                defer { timers.cancel() }
                try await eventually("both have the tag") { try await Self.count("tags WHERE held", pool) == 2 }
            }
        }
    }

    @Test func theSweepForgetsWhatNoRuleCanAskFor() async throws {
        try await Self.withScorer { scorer, pool in
            let now = Self.now
            let old = now - 90 * Self.day
            func alert(_ type: String, _ id: String, _ time: Int64) -> CustomerEvent {
                CustomerEvent(
                    corpID: Self.corpID, customerID: "wm1", source: "alerts", type: type, eventID: "\(type)-\(id)",
                    occurredAt: time, side: .customer, alertID: id, ruleID: "cust_complaint")
            }
            try await Self.run(
                scorer,
                [
                    Self.event("chat.message", "m1", old, side: .customer),
                    Self.event("chat.message", "m2", old + 1, side: .customer),
                    Self.event("cart.added", "c1", old), Self.event("cart.added", "c2", now - 5),
                    alert("alert.opened", "open", old), alert("alert.opened", "closed", old),
                    alert("alert.resolved", "closed", old + 1), alert("alert.opened", "late", old),
                    alert("alert.resolved", "late", now - 5),
                ], on: pool)
            let before = try await pool.execute("SELECT tag FROM tagging.tags WHERE held ORDER BY tag")
            #expect(try before.map { try $0.decode(String.self, at: 0) } == ["complaining", "silent"])
            // One by one: an alert's end goes last.
            for _ in 0..<4 {
                let deleted = try await pool.withTransaction {
                    try await EventStore.sweep(before: now - 69 * Self.day, limit: 1, in: $0)
                }
                #expect(deleted == 1)
                let opened = try await Self.count("events WHERE event_id = 'alert.opened-closed'", pool)
                let closed = try await Self.count("events WHERE event_id = 'alert.resolved-closed'", pool)
                #expect(opened <= closed)
            }
            let rest = try await pool.withTransaction {
                try await EventStore.sweep(before: now - 69 * Self.day, limit: 100, in: $0)
            }
            #expect(rest == 0)
            let left = try await pool.execute("SELECT event_id FROM tagging.events ORDER BY 1")
            #expect(
                try left.map { try $0.decode(String.self, at: 0) } == [
                    "alert.opened-late", "alert.opened-open", "alert.resolved-late", "c2", "m2",
                ])
            // And what is left gives the same tags.
            #expect(
                try await Self.run(scorer, [Self.event("page.viewed", "v", now - 1)], on: pool).outbox.isEmpty)
        }
    }

    /// Found by seed 4571675587239270108 of the test below.
    @Test func aRefundCountsWhereItsOrderWasFirstPaidHoweverLongAgo() async throws {
        try await Self.withScorer { scorer, pool in
            let now = Self.now
            let first = Self.event("order.paid", "p1", now - 100 * Self.day, order: "o", amount: 50_000)
            let second = Self.event("order.paid", "p2", now - 20 * Self.day, order: "o", amount: 300_000)
            let refund = Self.event("order.refunded", "r", now - 10 * Self.day, order: "o", amount: 200_000)
            try await Self.run(scorer, [first, second, refund], on: pool)
            #expect(try await Self.count("tags WHERE held AND tag = 'vip'", pool) == 1)
            let deleted = try await pool.withTransaction {
                try await EventStore.sweep(before: now - 90 * Self.day, limit: 100, in: $0)
            }
            #expect(deleted == 0)
        }
    }

    /// Any order, repetition and cut into batches; on two lanes at once, as when a producer's keys are wrong.
    @Test func whateverTheOrderTheStoredTagsAreThoseOfARecount() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        try await Self.withScorer { scorer, pool in
            let now = Self.now
            let types = ["cart.added", "cart.added", "cart.cleared", "order.paid", "order.refunded", "chat.message"]
            var events: [CustomerEvent] = []
            for index in 0..<150 {
                let type = types.randomElement(using: &random) ?? "cart.added"
                events.append(
                    Self.event(
                        type, "e\(index)", now - Int64.random(in: 0...(80 * Self.day), using: &random),
                        customer: "wm\(Int.random(in: 0...9, using: &random))",
                        order: "o\(Int.random(in: 0...9, using: &random))",
                        amount: [100_000, 200_001].randomElement(using: &random),
                        side: .customer))
            }
            var arriving = events + events.prefix(40)
            arriving.shuffle(using: &random)
            var rest = arriving[...]
            while !rest.isEmpty {
                let size = Int.random(in: 1...30, using: &random)
                let (left, right) = (Array(rest.prefix(size)), Array(rest.dropFirst(size).prefix(size)))
                rest = rest.dropFirst(2 * size)
                async let one = Self.run(scorer, left, on: pool, now: now)
                async let two = Self.run(scorer, right, on: pool, now: now)
                _ = try await (one, two)
            }
            let configuration = TagRulesConfiguration(corpID: Self.corpID, tags: try Self.rules().rules)
            let rows = try await pool.execute("SELECT customer_id, tag FROM tagging.tags WHERE held")
            var stored: [String: Set<String>] = [:]
            for row in rows {
                let (customer, tag) = try row.decode(String.self, String.self)
                stored[customer, default: []].insert(tag)
            }
            for (customer, own) in Dictionary(grouping: events, by: \.customerID) {
                let counted = TagRecount().tags(own.map(CountedEvent.init), configuration, now: now)
                #expect(stored[customer, default: []] == counted, "seed \(seed), \(customer)")
            }
        }
    }
}
