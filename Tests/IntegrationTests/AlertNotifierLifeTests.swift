import AlertNotifier
import Alerting
import Contracts
import Foundation
import Postgres
import Records
import TestSupport
import Testing
import WeComSandbox
import WorkerRuntime

/// What people do about alerts, and what happens when they don't.
@Suite(.requiresPostgres, .patient)
struct AlertNotifierLifeTests {
    private typealias Scene = AlertNotifierScene

    private static func states(_ scene: Scene) async throws -> [String] {
        try await scene.pool.execute(
            """
            SELECT alert_id || ' ' || state || ' ' || revision || coalesce(' ' || holder, '') || coalesce(' ' || result, '')
            FROM alerting.alert_states ORDER BY alert_id
            """
        ).map { try $0.decode(String.self, at: 0) }
    }

    private static func outcomes(_ scene: Scene) async throws -> [String] {
        try await scene.pool.execute(
            "SELECT action_id || ' ' || outcome || coalesce(' ' || holder, '') FROM alerting.actions ORDER BY place"
        ).map { try $0.decode(String.self, at: 0) }
    }

    private static func told<Value: Decodable>(_ effects: Effects, _ topic: Topic, as: Value.Type) throws -> [Value] {
        try effects.outbox.filter { $0.topic == topic.name }.map {
            try JSONDecoder().decode(Value.self, from: Data($0.value ?? []))
        }
    }

    @Test func theFirstWinsAndRepetitionsChangeNothing() async throws {
        try await Scene.run { scene in
            let opened = try await scene.takeIn([Scene.alert("a1")])
            #expect(try Self.told(opened, Topics.alertStates, as: AlertStateChange.self).map(\.state) == [.open])
            let actions = [
                Scene.action("1", .acknowledge, on: "a1", by: "hejun"),
                Scene.action("2", .acknowledge, on: "a1", by: "zong"),
                Scene.action("3", .comment, on: "a1", by: "zong", note: "明早回访"),
                Scene.action("4", .resolve, on: "a1", by: "hejun", result: .appeased),
            ]
            let first = try await scene.takeIn(actions: Array(actions.prefix(2)))
            let rest = try await scene.takeIn(actions: actions)
            // In another lane, as with a wrong key.
            let again = try await scene.takeIn(actions: actions.reversed(), lane: 2)
            #expect(again.outbox.isEmpty && again.deadLetters.isEmpty)
            #expect(try await Self.states(scene) == ["a1 resolved 3 hejun appeased"])
            #expect(
                try await Self.outcomes(scene) == [
                    "1 applied hejun", "2 too_late hejun", "3 applied hejun", "4 applied hejun",
                ])
            let changes = try [opened, first, rest].flatMap {
                try Self.told($0, Topics.alertStates, as: AlertStateChange.self)
            }
            #expect(changes.map(\.revision) == [1, 2, 3] && changes.map(\.actor) == [nil, "hejun", "hejun"])
            #expect(changes.last?.result == .appeased)
            let events = try [opened, first, rest].flatMap {
                try Self.told($0, Topics.customerEvents, as: CustomerEvent.self)
            }
            #expect(events.map(\.type) == ["alert.opened", "alert.acknowledged", "alert.resolved"])
            #expect(events.map(\.eventID) == ["a1:1", "a1:2", "a1:3"])
            #expect(
                events.allSatisfy { $0.source == "alerts" && $0.side == .customer && $0.customerID == Scene.customer })
            #expect(rest.outbox.first { $0.topic == Topics.customerEvents.name }?.key == Array(Scene.customer.utf8))
            let reopened = try await scene.takeIn(actions: [Scene.action("5", .reopen, on: "a1", by: "zong")])
            #expect(
                try Self.told(reopened, Topics.customerEvents, as: CustomerEvent.self).map(\.type) == ["alert.reopened"]
            )
        }
    }

    @Test func whatCannotBeDecidedIsADeadLetter() async throws {
        try await Scene.run { scene in
            try await scene.takeIn([Scene.alert("a1")])
            var foreign = Scene.action("2", .acknowledge, on: "a1", by: "hejun")
            foreign.corpID = "ww2"
            let effects = try await scene.takeIn(actions: [
                Scene.action("1", .acknowledge, on: "missing", by: "hejun"), foreign,
                Scene.action("3", .acknowledge, on: "a1", by: "hejun"),
                Scene.action("3", .resolve, on: "a1", by: "hejun", result: .legal),
            ])
            #expect(effects.deadLetters.map(\.reason) == ["unknown_alert", "unknown_alert", "conflicting_action"])
            #expect(try await Self.states(scene) == ["a1 acknowledged 2 hejun"])
            for bad in [
                Scene.action("4", .resolve, on: "a1", by: "hejun"), Scene.action("5", .acknowledge, on: "a1", by: ""),
                Scene.action("", .acknowledge, on: "a1", by: "hejun"),
                Scene.action("6", .comment, on: "a1", by: "hejun", note: String(repeating: "长", count: 1_001)),
                Scene.action("7", .comment, on: "a1", by: "hejun", note: "\0"),
            ] {
                let record = Record(
                    topic: "alert.actions.v1", partition: 0, offset: 0, value: Array(try JSONEncoder().encode(bad)),
                    headers: [Header(HeaderNames.eventType, text: AlertAction.eventType)])
                #expect(throws: Undecodable.self) { try scene.notifier.decode(record) }
            }
        }
    }

    /// Times that no clock of ours showed are brought between the alert's and now.
    @Test func anotherClocksTimesAreBoundedByOurs() async throws {
        try await Scene.run { scene in
            try await scene.takeIn([Scene.alert("a1")])
            try await scene.takeIn(actions: [
                Scene.action("1", .comment, on: "a1", by: "x", note: "1", at: .min),
                Scene.action("2", .comment, on: "a1", by: "x", note: "2", at: .max),
            ])
            #expect(
                try await scene.count(
                    """
                    alerting.actions JOIN alerting.alerts USING (alert_id)
                    WHERE acted_at BETWEEN raised_at AND now()
                    """) == 2)
        }
    }

    @Test func alertsThatJoinedShareTheStateOfTheirs() async throws {
        try await Scene.run(coolDown: .seconds(600)) { scene in
            try await scene.takeIn([Scene.alert("a1"), Scene.alert("a2", after: 30)])
            try await scene.takeIn(actions: [Scene.action("1", .resolve, on: "a2", by: "hejun", result: .genuine)])
            #expect(try await Self.states(scene) == ["a1 resolved 2 hejun genuine"])
            // What is resolved takes no further hits: this one is told.
            try await scene.takeIn([Scene.alert("a3", after: 60), Scene.alert("a4", after: 61)])
            #expect(try await Self.states(scene) == ["a1 resolved 2 hejun genuine", "a3 open 1"])
            #expect(try await scene.count("alerting.alerts WHERE merged_into = 'a3'") == 1)
        }
    }

    @Test func theThirdHitOfACustomerIsUrgentAndBreaksTheCoolDown() async throws {
        try await Scene.run(coolDown: .seconds(600), frequentHits: 3) { scene in
            try await scene.takeIn([Scene.alert("a1"), Scene.alert("a2", after: 30)])
            try await scene.takeIn([Scene.alert("a3", after: 60), Scene.alert("a4", after: 61)])
            let rows = try await scene.pool.execute(
                "SELECT alert_id || ' ' || severity || ' ' || state FROM alerting.alerts ORDER BY alert_id")
            #expect(
                try rows.map { try $0.decode(String.self, at: 0) } == [
                    "a1 3 accepted", "a2 3 merged", "a3 4 accepted", "a4 4 merged",
                ])
            try await scene.whileHoldingLanes { try await scene.waitUntilSettled() }
            let texts = scene.sandbox.ledger.calls().map(\.content).joined()
            #expect(texts.contains("【多次命中】") && texts.contains("紧急"))
        }
    }

    /// Two lanes that count the same customers at the same time, in opposite order, neither deadlock nor miss one another.
    @Test func hitsOfOneCustomerInSeveralLanesAreCountedTogether() async throws {
        try await Scene.run(frequentHits: 3) { scene in
            for round in 0..<20 {
                let customers = ["wmA\(round)", "wmB\(round)"]
                func alerts(_ lane: String, _ order: [String]) -> [Alert] {
                    order.flatMap { customer in
                        (0..<2).map { number in
                            var alert = Scene.alert("\(lane)-\(customer)-\(number)", in: "\(lane)-\(customer)")
                            alert.customerID = customer
                            return alert
                        }
                    }
                }
                async let first = scene.takeIn(alerts("x", customers))
                async let second = scene.takeIn(alerts("y", customers.reversed()))
                _ = try await (first, second)
            }
            // Two of each customer's four hits are the third or the fourth.
            #expect(try await scene.count("alerting.alerts WHERE raised_from = 3 AND severity = 4") == 80)
        }
    }

    // MARK: Escalation

    /// Lets the time pass until the next step is due.
    private static func passTime(_ scene: Scene) async throws {
        try await scene.pool.execute(
            "UPDATE alerting.alert_states SET escalates_at = now() - interval '1 second' WHERE escalates_at IS NOT NULL"
        )
    }

    private static func escalations(_ scene: Scene) async throws -> [String] {
        try await scene.pool.execute(
            """
            SELECT alert_id || ' ' || number || ' r' || revision || ' s' || step || ' ' || array_to_string(recipients, ',')
            FROM alerting.escalations ORDER BY alert_id, number
            """
        ).map { try $0.decode(String.self, at: 0) }
    }

    @Test(arguments: [1, 2])
    func whatIsLeftAloneClimbsStepByStep(bodiesRun: Int) async throws {
        try await Scene.run { scene in
            try await scene.takeIn([
                Scene.alert("a1", webhooks: ["crm"], recipients: ["legal"]), Scene.alert("n1", severity: .notice),
            ])
            #expect(try await scene.count("alerting.alert_states WHERE escalates_at IS NOT NULL") == 1)
            try await scene.whileHoldingLanes(bodiesRun: bodiesRun) {
                try await scene.waitUntilSettled()
                for step in 1...2 {
                    try await Self.passTime(scene)
                    try await eventually("step \(step)") { try await scene.count("alerting.escalations") == step }
                    try await scene.waitUntilSettled()
                }
            }
            #expect(try await Self.escalations(scene) == ["a1 1 r1 s1 zong", "a1 2 r1 s2 legal"])
            #expect(try await scene.count("alerting.alert_states WHERE escalates_at IS NOT NULL") == 0)
            #expect(try await scene.count("alerting.deliveries WHERE alert_id = 'a1' AND state = 'delivered'") == 6)
            let robot = scene.sandbox.ledger.calls().filter { $0.robot != nil }.map(\.content)
            #expect(robot.count { $0.contains("【升级】") && $0.contains("<@zong>") && $0.contains("第 1 次，仍无人认领") } == 1)
            #expect(robot.count { $0.contains("【升级】") && $0.contains("<@legal>") } == 1)
            let hooks = scene.sandbox.ledger.calls().filter { $0.webhook != nil }.compactMap {
                $0.headers["x-alert-id"]
            }
            #expect(hooks.sorted() == ["a1", "a1:e1", "a1:e2"])
        }
    }

    @Test func anAcknowledgementStopsItAndASecondDeadlineStartsItAnew() async throws {
        try await Scene.run { scene in
            try await scene.takeIn([Scene.alert("a1"), Scene.alert("a2", after: 5_000)])
            try await scene.takeIn(actions: [
                Scene.action("1", .acknowledge, on: "a1", by: "hejun"),
                Scene.action("2", .resolve, on: "a2", by: "hejun", result: .genuine),
            ])
            // What is resolved is left in peace; what was acknowledged must be resolved in four hours.
            #expect(
                try await scene.count(
                    """
                    alerting.alert_states WHERE alert_id = 'a1'
                        AND escalates_at BETWEEN now() + interval '3 hours' AND now() + interval '4 hours'
                    """) == 1)
            #expect(try await scene.count("alerting.alert_states WHERE escalates_at IS NOT NULL") == 1)
            try await scene.whileHoldingLanes {
                try await Self.passTime(scene)
                try await eventually("a step") { try await scene.count("alerting.escalations") == 1 }
                try await scene.waitUntilSettled()
            }
            #expect(try await Self.escalations(scene) == ["a1 1 r2 s1 zong"])
            let texts = scene.sandbox.ledger.calls().map(\.content)
            #expect(texts.count { $0.contains("何军 认领后仍未处理") } == 1)
            try await scene.takeIn(actions: [
                Scene.action("3", .resolve, on: "a1", by: "hejun", result: .legal),
                Scene.action("4", .reopen, on: "a1", by: "zong"),
            ])
            try await scene.whileHoldingLanes {
                try await Self.passTime(scene)
                try await eventually("a step of the next round") { try await scene.count("alerting.escalations") == 2 }
            }
            #expect(try await Self.escalations(scene) == ["a1 1 r2 s1 zong", "a1 2 r4 s1 zong"])
        }
    }

    /// The answer was given in time and waits in the topic.
    @Test func whatWaitsInTheLagIsProcessedFirst() async throws {
        try await Scene.run { scene in
            try await scene.takeIn([Scene.alert("a1"), Scene.alert("a2", after: 5_000)])
            let catchUp: @Sendable () async throws -> Void = {
                try await scene.takeIn(actions: [Scene.action("1", .acknowledge, on: "a1", by: "hejun")])
            }
            try await Self.passTime(scene)
            try await scene.whileHoldingLanes(catchUp: catchUp) {
                try await eventually("the other one climbs") { try await scene.count("alerting.escalations") == 1 }
            }
            #expect(try await Self.escalations(scene) == ["a2 1 r1 s1 zong"])
        }
    }

    @Test func aMessageWithdrawnSinceSaysSo() async throws {
        try await Scene.run { scene in
            try await scene.takeIn([Scene.alert("a1")])
            try await scene.takeIn(contexts: [
                AlertContext(
                    alertID: "a1", corpID: "ww1", conversationID: "s:wangfang|\(Scene.customer)", lines: [],
                    recalledMessageIDs: ["m-a1"])
            ])
            try await scene.whileHoldingLanes { try await scene.waitUntilSettled() }
            #expect(scene.sandbox.ledger.calls().allSatisfy { $0.content.contains("【已撤回】") })
            #expect(try await Self.states(scene) == ["a1 open 1"])
        }
    }
}
