import Contracts
import Foundation
import Postgres
import TestSupport
import Testing
import WeComSandbox

@Suite(.requiresPostgres, .patient)
struct AlertNotifierFaultTests {
    private typealias Scene = AlertNotifierScene

    @Test func aCallUnderWayAtACrashIsRepeatedAndSaysSo() async throws {
        try await Scene.run { scene in
            try await scene.takeIn([Scene.alert("a1", webhooks: ["crm"])])
            // What a sender leaves that dies between its claim and its record.
            try await scene.pool.execute(
                """
                INSERT INTO alerting.attempts (delivery_id, call_id, claim_id, corp_id, channel, target_id, started_at)
                SELECT delivery_id, 'call-1', 'claim-1', corp_id, channel, target_id, now() FROM alerting.deliveries
                """)
            try await scene.pool.execute(
                """
                UPDATE alerting.deliveries SET state = 'claimed', attempts = 1, claim_id = 'claim-1',
                    claim_expires_at = now() + interval '2 seconds'
                """)
            let expiry = try await scene.pool.execute(
                "SELECT (extract(epoch FROM min(claim_expires_at)) * 1000)::bigint FROM alerting.deliveries")
            let freed = try #require(expiry.first).decode(Int64.self, at: 0)
            try await scene.whileHoldingLanes { try await scene.waitUntilSettled() }
            #expect(scene.sandbox.alertIDs == ["a1", "a1"])
            for call in scene.sandbox.ledger.calls() {
                #expect(call.content.contains("可能重复"))
                // Not before nobody could still be making the first call.
                #expect(call.time >= freed)
            }
            #expect(try await scene.count("alerting.attempts WHERE outcome = 'unsure' AND call_id = 'call-1'") == 2)
            #expect(try await scene.count("alerting.attempts WHERE outcome = 'delivered'") == 2)
            #expect(try await scene.count("alerting.deliveries WHERE attempts = 2 AND may_be_repeated") == 2)
        }
    }

    /// A gateway's error may hide that the call took effect: for a robot as for a webhook.
    @Test(arguments: [["compliance"], []])
    func anErrorAfterTheEffectIsRepeatedAndSaysSo(_ robots: [String]) async throws {
        try await Scene.run { scene in
            scene.sandbox.ledger.add(SandboxFault(kind: .http500AfterEffect))
            try await scene.whileHoldingLanes {
                try await scene.takeIn([Scene.alert("a1", robots: robots, webhooks: robots.isEmpty ? ["crm"] : [])])
                try await scene.waitUntilSettled()
            }
            #expect(scene.sandbox.alertIDs == ["a1", "a1"])
            #expect(scene.sandbox.ledger.calls().map { $0.content.contains("可能重复") } == [false, true])
            #expect(try await scene.count("alerting.attempts WHERE outcome = 'unsure' AND http_status = 500") == 1)
        }
    }

    @Test(arguments: [SandboxFault.Kind.dropAfterEffect, .dropBeforeEffect])
    func aLostAnswerIsRepeatedWithTheSameIdAndSaysSo(_ kind: SandboxFault.Kind) async throws {
        try await Scene.run { scene in
            scene.sandbox.ledger.add(SandboxFault(kind: kind))
            try await scene.whileHoldingLanes {
                try await scene.takeIn([Scene.alert("a1", robots: [], webhooks: ["crm"])])
                try await scene.waitUntilSettled()
            }
            let calls = scene.sandbox.ledger.calls()
            #expect(calls.count == (kind == .dropAfterEffect ? 2 : 1))
            #expect(calls.allSatisfy { $0.headers["x-alert-id"] == "a1" })
            #expect(calls.last?.content.contains("可能重复") == true)
            #expect(try await scene.count("alerting.attempts WHERE outcome = 'unsure'") == 1)
        }
    }

    @Test(arguments: [
        SandboxFault(kind: .errcode, count: 2, errcode: -1), SandboxFault(kind: .httpStatus, count: 2, status: 503),
        // A proxy's word, not the platform's.
        SandboxFault(kind: .httpStatus, count: 2, status: 403), SandboxFault(kind: .httpStatus, count: 2, status: 302),
    ])
    func aFaultOfTheWorldIsRetriedWithoutMarks(_ fault: SandboxFault) async throws {
        try await Scene.run { scene in
            scene.sandbox.ledger.add(fault)
            try await scene.whileHoldingLanes {
                try await scene.takeIn([Scene.alert("a1")])
                try await scene.waitUntilSettled()
            }
            #expect(scene.sandbox.alertIDs == ["a1"])
            #expect(scene.sandbox.ledger.calls().allSatisfy { !$0.content.contains("可能重复") })
            #expect(try await scene.count("alerting.attempts WHERE outcome = 'refused'") == 2)
            #expect(try await scene.count("alerting.deliveries WHERE state = 'delivered' AND attempts = 3") == 1)
        }
    }

    @Test func aRobotOverItsLimitIsLeftAloneForAMinute() async throws {
        try await Scene.run { scene in
            scene.sandbox.ledger.add(SandboxFault(kind: .errcode, errcode: 45009))
            try await scene.whileHoldingLanes {
                try await scene.takeIn([Scene.alert("a1")])
                try await eventually("the refusal is recorded") {
                    try await scene.count("alerting.attempts WHERE errcode = 45009") == 1
                }
                // A minute is an hour here, however slow the rest of this is.
                let pauses = try await scene.pool.execute(
                    """
                    UPDATE alerting.attempts SET pause_until = pause_until + interval '1 hour'
                    WHERE pause_until - finished_at BETWEEN interval '59 seconds' AND interval '61 seconds'
                    """)
                #expect(pauses.affected == 1)
                try await scene.takeIn([Scene.alert("a2"), Scene.alert("a3", robots: ["sales"])])
                try await eventually("the other robot hears") { scene.sandbox.alertIDs.contains("a3") }
                #expect(scene.sandbox.ledger.calls(all: true).count { $0.robot == "robot-compliance" } == 1)
            }
            // The minute passes, for the database; a new sender knows only that.
            try await scene.pool.execute("UPDATE alerting.attempts SET pause_until = now()")
            try await scene.pool.execute(
                "UPDATE alerting.deliveries SET next_attempt_at = now() WHERE state = 'pending'")
            try await scene.whileHoldingLanes { try await scene.waitUntilSettled() }
            #expect(Set(scene.sandbox.alertIDs) == ["a1", "a2", "a3"])
        }
    }

    @Test func aPermanentFailureIsRecordedAndNotRepeated() async throws {
        try await Scene.run(sandbox: SandboxSettings(robotKeys: ["robot-sales"])) { scene in
            try await scene.whileHoldingLanes {
                try await scene.takeIn([Scene.alert("a1", robots: ["compliance", "sales"])])
                try await scene.waitUntilSettled()
            }
            #expect(scene.sandbox.ledger.calls().map(\.robot) == ["robot-sales"])
            #expect(
                try await scene.count(
                    "alerting.deliveries WHERE target_id = 'compliance' AND state = 'failed' AND reason = 'robot_gone'")
                    == 1)
            #expect(try await scene.count("alerting.attempts WHERE errcode = 93000 AND outcome = 'failed'") == 1)
        }
    }

    @Test func aSlowChannelDoesNotHoldUpAnother() async throws {
        try await Scene.run { scene in
            // Long enough that the test cannot pass by waiting it out, nor fail by being slow itself.
            scene.sandbox.ledger.add(
                SandboxFault(kind: .slow, count: 100, delayMilliseconds: 60_000, key: "robot-compliance"))
            try await scene.whileHoldingLanes {
                try await scene.takeIn(
                    (0..<3).map { Scene.alert("a\($0)", robots: ["compliance", "sales"], webhooks: ["crm"]) })
                try await eventually("the other channels hear") {
                    let calls = scene.sandbox.ledger.calls()
                    return Set(calls.filter { $0.robot != "robot-compliance" }.flatMap(\.alertIDs)).count == 3
                        && calls.contains { $0.webhook != nil } && calls.contains { $0.robot == "robot-sales" }
                }
                #expect(scene.sandbox.ledger.calls().allSatisfy { $0.robot != "robot-compliance" })
                try await scene.waitUntilSettled()
            }
            #expect(scene.sandbox.alertIDs.count == 9)
        }
    }

    @Test func aMissingSecretStopsOneChannelUntilItIsThere() async throws {
        try await Scene.run { scene in
            try await scene.whileHoldingLanes {
                try await scene.takeIn([Scene.alert("a1", robots: ["keyless", "sales"])])
                try await eventually("the missing secret is recorded") {
                    try await scene.count("alerting.attempts WHERE detail = 'secret_missing' AND outcome = 'not_sent'")
                        >= 1
                }
                try await eventually("the other robot hears") { scene.sandbox.alertIDs == ["a1"] }
                try Data("robot-late".utf8).write(to: scene.secrets.appending(path: "keyless"))
                try await scene.pool.execute(
                    "UPDATE alerting.deliveries SET next_attempt_at = now() WHERE state = 'pending'")
                try await scene.waitUntilSettled()
            }
            #expect(scene.sandbox.ledger.calls().map(\.robot) == ["robot-sales", "robot-late"])
        }
    }

    @Test func anAlertForAnUnknownTargetWaitsForACorrectedConfiguration() async throws {
        try await Scene.run { scene in
            try await scene.whileHoldingLanes {
                try await scene.takeIn([
                    Scene.alert("half", robots: ["sales", "late"]), Scene.alert("none", robots: ["late"]),
                    Scene.alert("silent", robots: []),
                ])
                try await eventually("both attempts are recorded") {
                    try await scene.count(
                        "alerting.deliveries WHERE state = 'pending' AND reason = 'unknown_target' AND attempts > 0")
                        == 2
                }
                #expect(try await scene.count("alerting.alerts WHERE state = 'undeliverable'") == 1)
                scene.addRobot("late", key: "robot-late")
                try await scene.pool.execute(
                    "UPDATE alerting.deliveries SET next_attempt_at = now() WHERE state = 'pending'")
                try await scene.waitUntilSettled()
            }
            let late = scene.sandbox.ledger.calls().filter { $0.robot == "robot-late" }
            #expect(Set(late.flatMap(\.alertIDs)) == ["half", "none"])
            #expect(try await scene.count("alerting.deliveries WHERE state = 'delivered' AND reason IS NULL") == 3)
        }
    }

    @Test func deliveriesKeepTheOrderOfTheBatch() async throws {
        try await Scene.run { scene in
            try await scene.takeIn(["c", "a", "b"].map { Scene.alert($0, robots: [], webhooks: ["crm"]) })
            let rows = try await scene.pool.execute("SELECT alert_id FROM alerting.deliveries ORDER BY delivery_id")
            #expect(try rows.map { try $0.decode(String.self, at: 0) } == ["c", "a", "b"])
        }
    }
}
