import AlertNotifier
import Alerting
import Contracts
import Foundation
import Postgres
import TestSupport
import Testing
import WeComSandbox

/// Further hits of a rule in a conversation join its alert.
@Suite(.requiresPostgres, .patient)
struct AlertNotifierCoolDownTests {
    private typealias Scene = AlertNotifierScene

    private static func states(_ scene: Scene) async throws -> [String] {
        try await scene.pool.execute(
            "SELECT alert_id || coalesce('>' || merged_into, '') FROM alerting.alerts ORDER BY said_at, alert_id"
        ).map { try $0.decode(String.self, at: 0) }
    }

    @Test func furtherHitsAreCountedShownAndNotSent() async throws {
        try await Scene.run(coolDown: .seconds(600)) { scene in
            // Before anything is sent, so that the message knows of them.
            try await scene.takeIn([Scene.alert("a1", webhooks: ["crm"]), Scene.alert("a2", after: 30)])
            try await scene.takeIn([Scene.alert("a3", text: "还是要维权", after: 590)])
            try await scene.whileHoldingLanes {
                try await scene.waitUntilSettled()
                try await scene.takeIn([Scene.alert("a4", after: 599), Scene.alert("b1", after: 601)])
                try await scene.takeIn([Scene.alert("b2", after: 610)])
                try await scene.waitUntilSettled()
            }
            #expect(try await Self.states(scene) == ["a1", "a2>a1", "a3>a1", "a4>a1", "b1", "b2>b1"])
            #expect(scene.sandbox.alertIDs.sorted() == ["a1", "a1", "b1"])
            let calls = scene.sandbox.ledger.calls()
            let robot = try #require(calls.first { $0.robot != nil }).content
            #expect(robot.contains("共命中 3 次"))
            let webhook = try #require(calls.first { $0.webhook != nil }).content
            #expect(webhook.contains("\"hits\":3"))
        }
    }

    @Test func repetitionsAndHigherSeverities() async throws {
        try await Scene.run(coolDown: .seconds(600)) { scene in
            let first = [Scene.alert("a1"), Scene.alert("a2", after: 1)]
            try await scene.takeIn(first)
            try await scene.takeIn([Scene.alert("a3", severity: .urgent, after: 2), Scene.alert("a4", after: 3)])
            try await scene.takeIn([Scene.alert("c1", after: 2_000)])
            // All of it once more, in other batches: nothing changes, nothing is told anew.
            try await scene.takeIn(first.reversed() + [Scene.alert("a4", after: 3), Scene.alert("a4", after: 3)])
            #expect(try await Self.states(scene) == ["a1", "a2>a1", "a3", "a4>a3", "c1"])
            #expect(try await scene.count("alerting.deliveries") == 3)
        }
    }

    /// What nobody can have heard of is no reason to be silent.
    @Test func anAlertThatCouldNotBeDeliveredHidesNoOther() async throws {
        try await Scene.run(coolDown: .seconds(600)) { scene in
            try await scene.takeIn([Scene.alert("a1"), Scene.alert("n1", robots: [])])
            try await scene.pool.execute(
                """
                UPDATE alerting.deliveries SET state = 'failed', reason = 'rejected', finished_at = now()
                WHERE alert_id = 'a1'
                """)
            try await scene.takeIn([Scene.alert("a2", after: 1), Scene.alert("n2", robots: [], after: 1)])
            #expect(try await Self.states(scene) == ["a1", "n1", "a2", "n2"])
            #expect(try await scene.count("alerting.alerts WHERE state = 'undeliverable'") == 2)
        }
    }

    @Test func thePageListsTheHitsThatJoined() {
        let alert = Scene.alert("a1")
        let joined = [Scene.alert("a2", text: "<i>马上</i>维权", after: 30), Scene.alert("a3", after: 60)]
        let page = AlertPage.html(
            alert,
            followUp: AlertFollowUp(
                recalledMessageIDs: [joined[1].message.messageID], joined: joined, joinedCount: 7), directory: nil)
        #expect(page.contains("再次命中") && page.contains("共 8 次") && page.contains("另有 5 次"))
        #expect(page.contains("&lt;i&gt;马上") && page.contains("已撤回"))
        #expect(!AlertPage.html(alert, directory: nil).contains("再次命中"))
        let own = AlertPage.html(joined[0], followUp: AlertFollowUp(joinedAlertID: "a1"), directory: nil)
        #expect(own.contains("<dt>已并入</dt><dd>a1</dd>"))
    }
}
