import Contracts
import Foundation
import Postgres
import TestSupport
import Testing
import WeComSandbox

@Suite(.requiresPostgres, .patient)
struct AlertNotifierDeliveryTests {
    private typealias Scene = AlertNotifierScene

    @Test func anAlertReachesEveryTargetOnce() async throws {
        try await Scene.run { scene in
            try await scene.whileHoldingLanes {
                let alert = Scene.alert("a1", robots: ["compliance", "sales"], webhooks: ["crm"])
                try await scene.takeIn([alert])
                try await scene.takeIn([alert])
                try await scene.waitUntilSettled()
            }
            #expect(scene.sandbox.alertIDs == ["a1", "a1", "a1"])
            #expect(
                Set(scene.sandbox.ledger.calls().map { $0.robot ?? $0.webhook }) == [
                    "robot-compliance", "robot-sales", "crm",
                ])
            #expect(try await scene.count("alerting.alerts") == 1)
            #expect(try await scene.count("alerting.deliveries WHERE state = 'delivered' AND attempts = 1") == 3)
            #expect(try await scene.count("alerting.attempts WHERE outcome = 'delivered'") == 3)
            let text = try #require(scene.sandbox.ledger.calls().first { $0.robot != nil }).content
            #expect(text.contains("**维权**") && text.contains("王芳") && text.contains("<@hejun>"))
            #expect(!text.contains("可能重复"))
        }
    }

    @Test func transactionsWhoseBodiesRunTwiceSendOnce() async throws {
        try await Scene.run { scene in
            try await scene.whileHoldingLanes(bodiesRun: 2) {
                try await scene.takeIn((0..<5).map { Scene.alert("a\($0)", webhooks: ["crm"]) })
                try await scene.waitUntilSettled()
            }
            for id in 0..<5 { #expect(scene.sandbox.alertIDs.count { $0 == "a\(id)" } == 2) }
            #expect(try await scene.count("alerting.deliveries WHERE state = 'delivered' AND attempts = 1") == 10)
            #expect(try await scene.count("alerting.attempts") == 10)
        }
    }

    @Test func aBurstIsMergedAndNothingIsDropped() async throws {
        try await Scene.run { scene in
            try await scene.whileHoldingLanes {
                for start in stride(from: 0, to: 100, by: 10) {
                    try await scene.takeIn((start..<start + 10).map { Scene.alert("burst-\($0)") })
                }
                try await scene.waitUntilSettled()
            }
            let calls = scene.sandbox.ledger.calls(all: true)
            #expect(Set(scene.sandbox.alertIDs) == Set((0..<100).map { "burst-\($0)" }))
            #expect(scene.sandbox.alertIDs.count == 100)
            for call in calls {
                #expect(calls.count { $0.time >= call.time && $0.time < call.time + 60_000 } <= 20)
                #expect(call.errcode == 0)
            }
        }
    }

    @Test func aRobotsBudgetOutlivesItsSender() async throws {
        try await Scene.run { scene in
            // A predecessor made twenty calls just now.
            try await scene.takeIn((0..<20).map { Scene.alert("old-\($0)") })
            try await scene.pool.execute(
                """
                INSERT INTO alerting.attempts (delivery_id, call_id, claim_id, corp_id, channel, target_id, started_at,
                    finished_at, outcome)
                SELECT delivery_id, 'call-' || delivery_id, 'claim', corp_id, channel, target_id,
                    now() - interval '57 seconds', now(), 'delivered' FROM alerting.deliveries
                """)
            try await scene.pool.execute(
                "UPDATE alerting.deliveries SET state = 'delivered', attempts = 1, finished_at = now()")
            try await scene.whileHoldingLanes {
                try await scene.takeIn([Scene.alert("new", webhooks: ["crm"])])
                try await scene.waitUntilSettled()
            }
            #expect(scene.sandbox.alertIDs == ["new", "new"])
            #expect(scene.sandbox.ledger.calls().count { $0.robot != nil } == 1)
            let waited = try await scene.count(
                """
                (SELECT 1 FROM alerting.attempts GROUP BY target_id, channel HAVING channel = 'robot'
                    AND max(started_at) >= min(started_at) + interval '60 seconds') AS kept
                """)
            #expect(waited == 1)
        }
    }
}
