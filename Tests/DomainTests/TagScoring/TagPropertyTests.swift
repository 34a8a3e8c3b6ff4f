import Contracts
import TagScoring
import TestSupport
import Testing

/// Whatever the order, the repetitions and the lateness of events: the tags are those of a recount.
@Suite("Tags: properties")
struct TagPropertyTests {
    private static func events(_ random: inout SeededGenerator, around start: Int64) -> [CountedEvent] {
        let types = [
            "cart.added", "cart.added", "cart.added", "cart.cleared", "order.paid", "order.paid", "order.refunded",
            "order.cancelled", "chat.message", "alert.opened", "alert.resolved", "alert.reopened",
            "page.viewed",
        ]
        return (0..<Int.random(in: 1...14, using: &random)).map { index in
            let type = types.randomElement(using: &random) ?? "cart.added"
            // Often at the very same moments, so that edges meet.
            let time =
                start + Int64.random(in: 0...12, using: &random) * 7 * TagScene.day
                + ([0, 0, 1, TagScene.minute, TagScene.day].randomElement(using: &random) ?? 0)
            return TagScene.event(
                type, "e\(index)", time, order: "o\(Int.random(in: 0...3, using: &random))",
                amount: [1, 100_000, 200_000, 200_001].randomElement(using: &random),
                side: [.customer, .customer, .employee].randomElement(using: &random),
                alert: "a\(Int.random(in: 0...2, using: &random))",
                rule: ["cust_complaint", "cust_refund"].randomElement(using: &random),
                sku: "s\(Int.random(in: 0...2, using: &random))")
        }
    }

    /// The shipped rules and some that use everything else.
    private static func rules() throws -> TagRulesConfiguration {
        var rules = try TagScene.rules()
        rules.tags += [
            .init(
                id: "few-goods", name: "few", group: "intent",
                all: [
                    .init(
                        .count, of: ["cart.added", "page.viewed"], within: .rolling(milliseconds: 14 * TagScene.day),
                        since: ["order.paid"], distinctSKU: true, moreThan: 0, lessThan: 3)
                ]),
            .init(
                id: "spender", name: "spender", group: "level",
                all: [
                    .init(
                        .sum, of: ["order.paid"], within: .rolling(milliseconds: 21 * TagScene.day),
                        minus: ["order.refunded"], atLeast: 1)
                ]),
            .init(
                id: "weekly", name: "weekly",
                all: [
                    .init(
                        .count, of: ["cart.added"], within: .calendar(.week), grace: 2, distinctSKU: true, atLeast: 1),
                    .init(.sum, of: ["order.paid"], within: .calendar(.day), atMost: 0),
                ]),
            .init(
                id: "quiet", name: "quiet",
                all: [.init(.count, of: ["chat.message"], within: .calendar(.month), atMost: 0)]),
        ]
        return rules
    }

    @Test func anyOrderRepetitionAndLatenessGivesTheTagsOfARecount() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        let rules = try Self.rules()
        let set = try TagRuleSet(rules, version: "v")
        let start = try TagScene.at("2026-01-05 00:00:00")
        for round in 0..<60 {
            let events = Self.events(&random, around: start)
            var arriving = events + (0..<5).compactMap { _ in events.randomElement(using: &random) }
            arriving.shuffle(using: &random)

            // The clock runs on; between its steps events come, early, in time or late, and timers fire.
            var now = start - TagScene.day
            var states: [String: TagState] = [:]
            var known: Set<CountedEvent> = []
            var timer: Int64?
            func look() {
                let decision = set.decide(states, CustomerHistory(known), now: now)
                for change in decision.changes {
                    states[change.tag] = TagState(
                        name: change.name, held: change.change == .added, revision: change.revision)
                    #expect(change.at <= now, "seed \(seed), round \(round)")
                }
                timer = decision.nextTimer
                let held = Set(states.filter(\.value.held).keys)
                #expect(
                    held == TagRecount().tags(Array(known), rules, now: now), "seed \(seed), round \(round), now \(now)"
                )
            }
            for event in arriving {
                known.insert(event)
                look()
                let later = now + Int64.random(in: 0...(8 * TagScene.day), using: &random)
                while let due = timer, due <= later {
                    // Nothing has changed until just before: no timer comes too late.
                    if due - 1 > now {
                        now = due - 1
                        let quiet = set.decide(states, CustomerHistory(known), now: now)
                        #expect(quiet.changes.isEmpty, "seed \(seed), round \(round), now \(now)")
                    }
                    now = due
                    look()
                }
                now = later
                look()
            }
        }
    }
}
