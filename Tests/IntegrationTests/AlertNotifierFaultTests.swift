import Contracts
import Foundation
import Postgres
import TestSupport
import Testing
import WeComSandbox

@Suite(.requiresPostgres, .timeLimit(.minutes(3)))
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
            let freed = Int64(Date().timeIntervalSince1970 * 1000) + 1_900
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
        SandboxFault(kind: .http500, count: 2), SandboxFault(kind: .errcode, count: 2, errcode: -1),
        SandboxFault(kind: .httpStatus, count: 2, status: 503),
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
                try await scene.wait("the refusal is recorded") {
                    try await scene.count("alerting.attempts WHERE errcode = 45009") == 1
                }
                try await scene.takeIn([Scene.alert("a2"), Scene.alert("a3", robots: ["sales"])])
                try await scene.wait("the other robot hears") { scene.sandbox.alertIDs.contains("a3") }
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
            // Long enough that the test cannot pass by waiting it out.
            scene.sandbox.ledger.add(
                SandboxFault(kind: .slow, count: 100, delayMilliseconds: 4_000, key: "robot-compliance"))
            try await scene.whileHoldingLanes {
                try await scene.takeIn(
                    (0..<3).map { Scene.alert("a\($0)", robots: ["compliance", "sales"], webhooks: ["crm"]) })
                try await scene.wait("the other channels hear") {
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
                try await scene.wait("the missing secret is recorded") {
                    try await scene.count("alerting.attempts WHERE detail = 'secret_missing' AND outcome = 'not_sent'")
                        == 1
                }
                try await scene.wait("the other robot hears") { scene.sandbox.alertIDs == ["a1"] }
                try Data("robot-late".utf8).write(to: scene.secrets.appending(path: "keyless"))
                try await scene.pool.execute(
                    "UPDATE alerting.deliveries SET next_attempt_at = now() WHERE state = 'pending'")
                try await scene.waitUntilSettled()
            }
            #expect(scene.sandbox.ledger.calls().map(\.robot) == ["robot-sales", "robot-late"])
        }
    }

    @Test func anUnknownTargetIsAFailedDeliveryAndNoTargetAnUndeliverableAlert() async throws {
        try await Scene.run { scene in
            try await scene.takeIn([
                Scene.alert("half", robots: ["compliance", "nobody"]), Scene.alert("none", robots: ["nobody"]),
                Scene.alert("silent", robots: []),
            ])
            #expect(
                try await scene.count("alerting.deliveries WHERE state = 'failed' AND reason = 'unknown_target'") == 2)
            #expect(try await scene.count("alerting.alerts WHERE state = 'undeliverable'") == 2)
            #expect(try await scene.count("alerting.alerts WHERE state = 'accepted'") == 1)
        }
    }
}
