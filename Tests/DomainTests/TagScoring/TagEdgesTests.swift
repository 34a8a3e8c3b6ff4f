import Contracts
import Foundation
import TagScoring
import Testing

/// The shipped rules at their edges.
@Suite("Tags: edges")
struct TagEdgesTests {
    private static func paid(_ amount: Int64, _ time: String, order: String = "o1") throws -> CountedEvent {
        TagScene.event("order.paid", "p-\(order)", try TagScene.at(time), order: order, amount: amount)
    }

    private static func refunded(_ amount: Int64, _ time: String, order: String = "o1") throws -> CountedEvent {
        TagScene.event("order.refunded", "r-\(order)", try TagScene.at(time), order: order, amount: amount)
    }

    @Test(arguments: [(199_999, false), (200_000, false), (200_001, true)])
    func vipBeginsAboveTwoThousandYuan(amount: Int64, isVIP: Bool) throws {
        let events = [try Self.paid(amount, "2026-03-10 12:00:00")]
        #expect(try TagScene.tags(events, TagScene.at("2026-03-10 12:00:00")).contains("vip") == isVIP)
        #expect(try TagScene.tags(events, TagScene.at("2026-03-10 11:59:59.999")).isEmpty)
    }

    @Test(arguments: [
        ("2026-03-31 23:59:59.999", true), ("2026-04-01 00:00:00.000", true), ("2026-04-30 23:59:59.999", true),
        ("2026-05-01 00:00:00.000", false),
    ])
    func vipIsKeptUntilTheEndOfTheNextMonth(moment: String, isVIP: Bool) throws {
        let events = [try Self.paid(200_001, "2026-03-10 12:00:00")]
        #expect(try TagScene.tags(events, TagScene.at(moment)).contains("vip") == isVIP)
    }

    /// Two halves, the second in the month's last millisecond or the next month's first.
    @Test(arguments: [("2026-03-31 23:59:59.999", true), ("2026-04-01 00:00:00.000", false)])
    func aMonthEndsInShanghai(second: String, isVIP: Bool) throws {
        let events = [
            try Self.paid(150_000, "2026-03-01 00:00:00.000"), try Self.paid(50_001, second, order: "o2"),
        ]
        #expect(try TagScene.tags(events, TagScene.at("2026-04-01 00:00:01")).contains("vip") == isVIP)
    }

    @Test func aRefundAfterTheMonthsEndCountsWhereItsOrderWasPaid() throws {
        let march = try Self.paid(200_001, "2026-03-10 12:00:00")
        let april = try TagScene.at("2026-04-15 12:00:00")
        #expect(try TagScene.tags([march], april).contains("vip"))
        let refund = try Self.refunded(1, "2026-04-10 12:00:00")
        #expect(try !TagScene.tags([march, refund], april).contains("vip"))
        // It leaves April's own money alone.
        let own = try Self.paid(200_001, "2026-04-12 12:00:00", order: "o2")
        #expect(try TagScene.tags([march, refund, own], april).contains("vip"))
        // And says so at the moment of the refund.
        let change = try #require(
            TagScene.set(TagScene.rules()).decide(
                ["vip": TagState(name: "VIP", held: true, revision: 1)], CustomerHistory([march, refund]), now: april
            ).changes.first)
        #expect(change.change == .removed && change.revision == 2)
        #expect(change.at == refund.occurredAt)
        #expect(change.reason.contains("order.paid less order.refunded: 0.00 元 in 2026-04"))
    }

    @Test func aRefundOfAnUnknownOrderWaitsForIt() throws {
        let other = try Self.paid(200_001, "2026-03-10 12:00:00")
        let refund = try Self.refunded(500, "2026-03-11 12:00:00", order: "o2")
        let now = try TagScene.at("2026-03-12 12:00:00")
        #expect(try TagScene.tags([other, refund], now).contains("vip"))
        // Then the order comes, late: 5.00 − 5.00.
        let late = try Self.paid(500, "2026-03-09 12:00:00", order: "o2")
        #expect(try TagScene.tags([other, refund, late], now).contains("vip"))
    }

    @Test func aCancelledOrderCountsNothing() throws {
        let events = [
            try Self.paid(300_000, "2026-03-10 12:00:00"),
            TagScene.event("order.cancelled", "x", try TagScene.at("2026-03-11 12:00:00"), order: "o1"),
        ]
        #expect(try TagScene.tags(events, TagScene.at("2026-03-12 12:00:00")).isEmpty)
    }

    private static func carts(_ times: [Int64]) -> [CountedEvent] {
        times.enumerated().map { TagScene.event("cart.added", "c\($0)", $1, sku: "A1") }
    }

    @Test func threeCartsAreHighIntentUntilTheWindowEmpties() throws {
        let first = try TagScene.at("2026-03-10 12:00:00")
        let carts = Self.carts([first, first + 1, first + 2])
        let end = first + 7 * TagScene.day
        #expect(try TagScene.tags(carts, first + 1).isEmpty)
        #expect(try TagScene.tags(carts, first + 2) == ["high-intent"])
        #expect(try TagScene.tags(carts, end - 1) == ["high-intent"])
        #expect(try TagScene.tags(carts, end).isEmpty)

        let set = try TagScene.set(TagScene.rules())
        let added = set.decide([:], CustomerHistory(carts), now: first + 60_000)
        #expect(added.changes.map(\.at) == [first + 2])
        #expect(added.nextTimer == end)
        let held = ["high-intent": TagState(name: "高意向", held: true, revision: 1)]
        // However late the timer fires, the moment is that of the window.
        let removed = set.decide(held, CustomerHistory(carts), now: end + 3_600_000)
        #expect(removed.changes.map(\.at) == [end])
        #expect(removed.changes.map(\.change) == [.removed])
        #expect(removed.nextTimer == nil)
    }

    @Test(arguments: ["order.paid", "cart.cleared"])
    func aPaymentOrAClearedCartEndsHighIntent(type: String) throws {
        let first = try TagScene.at("2026-03-10 12:00:00")
        let carts = Self.carts([first, first + 1, first + 2, first + 3])
        let ending = TagScene.event(type, "e", first + 10, order: "o1", amount: 100)
        #expect(try TagScene.tags(carts + [ending], first + 9) == ["high-intent"])
        #expect(try TagScene.tags(carts + [ending], first + 10).isEmpty)
    }

    @Test func theSameEventTwiceCountsOnce() throws {
        let first = try TagScene.at("2026-03-10 12:00:00")
        let carts = Self.carts([first, first + 1])
        #expect(try TagScene.tags(carts + carts + carts, first + 5).isEmpty)
    }

    @Test func sameGoodsCountOnceIfTheRuleSaysSo() throws {
        let first = try TagScene.at("2026-03-10 12:00:00")
        let rules = TagRulesConfiguration(
            corpID: "c",
            tags: [
                .init(
                    id: "x", name: "x",
                    all: [
                        .init(
                            .count, of: ["cart.added"], within: .rolling(milliseconds: TagScene.day),
                            distinctSKU: true, atLeast: 2)
                    ])
            ])
        let same = Self.carts([first, first + 1, first + 2])
        let other = TagScene.event("cart.added", "other", first + 3, sku: "B2")
        let set = try TagScene.set(rules)
        #expect(set.holding(in: CustomerHistory(same), at: first + 5).isEmpty)
        #expect(set.holding(in: CustomerHistory(same + [other]), at: first + 5) == [0])
        #expect(TagRecount().tags(same + [other], rules, now: first + 5) == ["x"])
    }

    @Test func silenceBeginsThirtyDaysAfterTheLastOwnMessage() throws {
        let said = try TagScene.at("2026-03-10 12:00:00")
        let own = TagScene.event("chat.message", "m1", said, side: .customer)
        let employee = TagScene.event("chat.message", "m2", said + TagScene.day, side: .employee)
        let end = said + 30 * TagScene.day
        #expect(try TagScene.tags([own, employee], end - 1).isEmpty)
        #expect(try TagScene.tags([own, employee], end) == ["silent"])
        #expect(try TagScene.tags([employee], end + TagScene.day).isEmpty)
        let again = TagScene.event("chat.message", "m3", end + 5, side: .customer)
        #expect(try TagScene.tags([own, employee, again], end + 5).isEmpty)
    }

    @Test func anOpenComplaintLastsUntilItIsResolved() throws {
        let time = try TagScene.at("2026-03-10 12:00:00")
        func opened(_ alert: String, _ rule: String, _ side: Party.Kind = .customer) -> CountedEvent {
            TagScene.event("alert.opened", "o-\(alert)", time, side: side, alert: alert, rule: rule)
        }
        func resolved(_ alert: String) -> CountedEvent {
            TagScene.event("alert.resolved", "r-\(alert)", time + 10, alert: alert)
        }
        #expect(try TagScene.tags([opened("a", "cust_complaint")], time + 20) == ["complaining"])
        #expect(try TagScene.tags([opened("a", "cust_complaint"), resolved("a")], time + 9) == ["complaining"])
        #expect(try TagScene.tags([resolved("a"), opened("a", "cust_complaint")], time + 10).isEmpty)
        #expect(
            try TagScene.tags([opened("a", "cust_complaint"), opened("b", "cust_rights"), resolved("a")], time + 20)
                == ["complaining"])
        let reopened = TagScene.event(
            "alert.reopened", "again-a", time + 15, side: .customer, alert: "a", rule: "cust_complaint")
        #expect(
            try TagScene.tags([opened("a", "cust_complaint"), reopened, resolved("a")], time + 20) == ["complaining"])
        #expect(try TagScene.tags([opened("a", "cust_complaint"), reopened, resolved("a")], time + 14).isEmpty)
        #expect(try TagScene.tags([opened("a", "cust_refund")], time + 20).isEmpty)
        #expect(try TagScene.tags([opened("a", "cust_complaint", .employee)], time + 20).isEmpty)
    }

    @Test func ofAGroupTheFirstThatHoldsTakesThePlace() throws {
        func rule(_ id: String, _ least: Int64) -> TagRulesConfiguration.Rule {
            .init(
                id: id, name: id, group: "g",
                all: [.init(.count, of: ["cart.added"], within: .rolling(milliseconds: TagScene.day), atLeast: least)])
        }
        let set = try TagScene.set(.init(corpID: "c", tags: [rule("high", 2), rule("low", 1)]))
        let decision = set.decide(
            ["low": TagState(name: "low", held: true, revision: 1)], CustomerHistory(Self.carts([10, 20])), now: 30)
        #expect(decision.changes.map(\.tag) == ["low", "high"])
        #expect(decision.changes.map(\.change) == [.removed, .added])
        #expect(decision.changes[0].reason == "high takes the place in group g")
        #expect(decision.changes.map(\.at) == [20, 20])
    }

    @Test func aTagWhoseRuleIsGoneGoes() throws {
        let set = try TagScene.set(.init(corpID: "c", tags: []))
        let decision = set.decide(
            ["old": TagState(name: "旧", held: true, revision: 3)], CustomerHistory([]), now: 30)
        #expect(decision.changes.map(\.tag) == ["old"] && decision.changes[0].revision == 4)
    }

    @Test func theCalendarIsFoundations() throws {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = try #require(TimeZone(identifier: "Asia/Shanghai"))
        for days in stride(from: 10_957 as Int64, to: 40_000, by: 13) {
            for edge: Int64 in [-28_800_001, -28_800_000, 12_345_678] {
                let moment: Int64 = days * TagScene.day + edge
                let date = Date(timeIntervalSince1970: Double(moment) / 1000)
                for (period, component) in [
                    (TagWindow.Period.day, Calendar.Component.day), (.week, .weekOfYear), (.month, .month),
                ] {
                    let number = BusinessCalendar.number(of: period, at: moment)
                    let interval = try #require(calendar.dateInterval(of: component, for: date))
                    #expect(
                        BusinessCalendar.start(of: period, number: number)
                            == Int64((interval.start.timeIntervalSince1970 * 1000).rounded()))
                    #expect(
                        BusinessCalendar.start(of: period, number: number + 1)
                            == Int64((interval.end.timeIntervalSince1970 * 1000).rounded()))
                }
            }
        }
    }
}
