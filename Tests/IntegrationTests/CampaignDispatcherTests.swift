import Campaigns
import Contracts
import Foundation
import Postgres
import TestSupport
import Testing
import WeComSandbox
import WorkerRuntime

@Suite(.requiresPostgres, .patient)
struct CampaignDispatcherTests {
    private typealias Scene = CampaignDispatcherScene

    @Test func aCartBecomesATouchThatReachesTheCustomer() async throws {
        try await Scene.run { scene in
            try await scene.whileHoldingLanes {
                let cart = Scene.event("cart.added", id: "e1")
                try await scene.takeIn([cart])
                try await scene.takeIn([cart])
                try await scene.wait(for: "campaigns.touches WHERE state = 'reached'")
            }
            let got = scene.sandbox.contact.touches()
            #expect(got.map(\.customerID) == ["wm1"] && got.map(\.sender) == ["hejun"])
            #expect(got.first?.text == "购物车里还有好物")
            #expect(scene.touches.map(\.state) == [.created, .reached])
            #expect(Set(scene.touches.map(\.touchID)).count == 1)
            #expect(scene.touches.allSatisfy { $0.taskID == got.first?.msgid && $0.planVersion == "v1" })
            #expect(try await scene.count("campaigns.passages WHERE state = 'finished'") == 1)
        }
    }

    @Test func customersOfOneEmployeeShareATask() async throws {
        let settings = SandboxSettings(confirmsAfter: 0, unreachableCustomers: ["wm7"])
        try await Scene.run(sandbox: settings) { scene in
            try await scene.takeIn((0..<20).map { Scene.event("cart.added", "wm\($0)") })
            try await scene.whileHoldingLanes {
                try await scene.wait(for: "campaigns.touches WHERE state = 'reached'", toBe: 19)
            }
            #expect(scene.sandbox.contact.touches().count == 19)
            #expect(scene.sandbox.contact.tasks().count < 20)
            #expect(try await scene.count("campaigns.touches WHERE state = 'failed' AND reason = 'unreachable'") == 1)
        }
    }

    @Test func transactionsWhoseBodiesRunTwiceSendOnce() async throws {
        try await Scene.run { scene in
            try await scene.whileHoldingLanes(bodiesRun: 2) {
                try await scene.takeIn((0..<10).map { Scene.event("cart.added", "wm\($0)") })
                try await scene.wait(for: "campaigns.touches WHERE state = 'reached'", toBe: 10)
            }
            #expect(scene.sandbox.contact.touches().map(\.customerID).sorted() == (0..<10).map { "wm\($0)" })
        }
    }

    @Test func aPaymentEndsThePlanWhicheverComesFirst() async throws {
        try await Scene.run(Scene.plans([Scene.plan("cart", after: 60)])) { scene in
            try await scene.takeIn([Scene.event("cart.added", "wm1", secondsAgo: 10)])
            try await scene.takeIn([Scene.event("order.paid", "wm1", secondsAgo: 5)])
            // The payment was known before the cart was.
            try await scene.takeIn([Scene.event("order.paid", "wm2", secondsAgo: 5)])
            try await scene.takeIn([Scene.event("cart.added", "wm2", secondsAgo: 10)])
            // A payment before the cart ends nothing.
            try await scene.takeIn([Scene.event("order.paid", "wm3", secondsAgo: 20)])
            try await scene.takeIn([Scene.event("cart.added", "wm3", secondsAgo: 10)])
            #expect(
                try await scene.count("campaigns.passages WHERE customer_id = 'wm1' AND state = 'ended_early'") == 1)
            #expect(try await scene.count("campaigns.passages WHERE customer_id = 'wm2'") == 0)
            #expect(try await scene.count("campaigns.passages WHERE customer_id = 'wm3' AND state = 'running'") == 1)
            #expect(scene.touches.map(\.state) == [.refused] && scene.touches.map(\.reason) == ["plan_ended"])
        }
    }

    @Test func aTimerWaitsForWhatTheLagMayHold() async throws {
        try await Scene.run { scene in
            try await scene.takeIn([Scene.event("cart.added")])
            try await scene.whileHoldingLanes(hasPassed: { false }) {
                // As long as the lane is behind nothing is judged; the payment comes.
                try await scene.takeIn([Scene.event("order.paid", secondsAgo: 0)])
                try await scene.wait(for: "campaigns.touches WHERE state = 'refused' AND reason = 'plan_ended'")
            }
            #expect(scene.sandbox.contact.touches().isEmpty)
        }
    }

    /// One such event would hold every later fact of its kind.
    @Test func theFarFutureIsADeadLetter() async throws {
        try await Scene.run { scene in
            let letters = try await scene.takeIn([
                Scene.event("marketing.opt_in", "wm1", secondsAgo: -25 * 3_600),
                Scene.event("marketing.opt_out", "wm1"),
            ])
            #expect(letters.map(\.reason) == ["far_future"])
            #expect(try await scene.count("campaigns.customers WHERE opted_out") == 1)
        }
    }

    @Test func atNightATouchIsPutOffAndSaysSo() async throws {
        try await Scene.run(clock: .fixed(Scene.time("22:00"))) { scene in
            try await scene.whileHoldingLanes {
                try await scene.takeIn([Scene.event("cart.added")])
                try await scene.wait(for: "campaigns.touches WHERE state = 'planned' AND reason = 'quiet_hours'")
            }
            #expect(scene.touches.map(\.state) == [.deferred] && scene.touches.map(\.reason) == ["quiet_hours"])
            let morning = try await scene.count(
                """
                campaigns.touches WHERE next_at BETWEEN now() + interval '10 hours 58 minutes'
                    AND now() + interval '11 hours 2 minutes'
                """)
            #expect(morning == 1)
            #expect(scene.sandbox.contact.touches().isEmpty)
        }
    }

    @Test func complaintsOptOutsAndStrangersAreLeftAlone() async throws {
        try await Scene.run { scene in
            try await scene.takeIn([
                Scene.alert("alert.opened", "complains"), Scene.alert("alert.opened", "employee-said", side: .employee),
                Scene.alert("alert.opened", "leaves", rule: "opt_out"), Scene.event("marketing.opt_out", "left"),
                Scene.event("consent.withdrawn", "withdrew"),
                // In any order: it is open again.
                Scene.alert("alert.opened", "again", after: -2_000), Scene.alert("alert.reopened", "again"),
                Scene.alert("alert.resolved", "again", after: -1_000),
            ])
            try await scene.takeIn([
                TagChange(
                    corpID: Scene.corp, customerID: "black", tag: "blacklist", name: "黑名单", change: .added, revision: 1,
                    at: Scene.now, reason: "manual", ruleVersion: "v")
            ])
            let customers = ["complains", "again", "employee-said", "leaves", "left", "withdrew", "black"]
            try await scene.takeIn(customers.map { Scene.event("cart.added", $0) })
            try await scene.takeIn([Scene.event("cart.added", "stranger", employee: nil)])
            try await scene.whileHoldingLanes {
                try await scene.wait(for: "campaigns.touches WHERE state = 'refused'", toBe: 7)
                try await scene.wait(for: "campaigns.touches WHERE state = 'reached'")
            }
            #expect(scene.sandbox.contact.touches().map(\.customerID) == ["employee-said"])
            let reasons = Dictionary(
                scene.touches.filter { $0.state == .refused }.map { ($0.customerID, $0.reason) }
            ) { first, _ in first }
            #expect(
                reasons == [
                    "complains": "open_complaint", "again": "open_complaint", "leaves": "opted_out",
                    "left": "opted_out", "withdrew": "no_consent", "black": "stop_tag", "stranger": "no_employee",
                ])
            #expect(try await scene.count("campaigns.decisions WHERE state = 'refused'") == 7)
        }
    }

    @Test func twoPlansShareTheDayAndTheMoreUrgentOneGoesFirst() async throws {
        var urgent = Scene.plan("urgent", text: "只剩两件")
        urgent.priority = 90
        try await Scene.run(Scene.plans([Scene.plan("cart"), urgent])) { scene in
            try await scene.takeIn([Scene.event("cart.added")])
            try await scene.whileHoldingLanes {
                try await scene.wait(for: "campaigns.touches WHERE plan_id = 'urgent' AND state = 'reached'")
                try await scene.wait(for: "campaigns.touches WHERE plan_id = 'cart' AND reason = 'day_cap'")
            }
            #expect(scene.sandbox.contact.touches().map(\.text) == ["只剩两件"])
        }
    }

    @Test func aPausedPlanWaitsAndGoesOn() async throws {
        try await Scene.run { scene in
            try await scene.takeIn([Scene.event("cart.added")])
            scene.change { $0.paused = true }
            try await scene.whileHoldingLanes {
                try await scene.wait(for: "campaigns.touches WHERE state = 'planned' AND reason = 'plan_paused'")
                scene.change { $0.paused = false }
                _ = try await scene.pool.execute("UPDATE campaigns.touches SET next_at = now()")
                try await scene.wait(for: "campaigns.touches WHERE state = 'reached'")
            }
        }
    }
}
