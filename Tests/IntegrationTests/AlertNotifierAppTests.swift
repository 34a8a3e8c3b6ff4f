import AlertNotifier
import Alerting
import AsyncHTTPClient
import Contracts
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Postgres
import TestSupport
import Testing
import WeCom
import WeComSandbox

/// Messages of the corp's own app to the leader, against the stand-in, on a real database.
@Suite(.requiresPostgres, .patient)
struct AlertNotifierAppTests {
    private typealias Scene = AlertNotifierScene

    private static let plainApp = CorpsConfiguration.App(agentID: 1_000_012, secret: "")
    private static let cardApp = CorpsConfiguration.App(
        agentID: 1_000_012, secret: "", callbackToken: "yes", callbackKey: "yes")

    private static func sandbox(
        callback: Bool = false, members: Set<String>? = nil, unlicensed: Set<String> = []
    ) -> SandboxSettings {
        SandboxSettings(
            webhookSecret: "webhook-secret", members: members, unlicensed: unlicensed, appSecret: "app-secret",
            callback: callback
                ? .init(
                    url: "http://127.0.0.1:1", token: Scene.callbackToken, key: Scene.callbackKey, corpID: "ww1")
                : nil)
    }

    private static func appCalls(_ scene: Scene, all: Bool = false) -> [ReceivedCall] {
        scene.sandbox.ledger.calls(all: all).filter { $0.user != nil }
    }

    /// What the message links to.
    private static func page(of call: ReceivedCall, _ scene: Scene) async throws -> String {
        let (ports, told) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "page")
        logger.logLevel = .critical
        let server = AlertPageServer(
            host: "127.0.0.1", port: 0, settings: scene.settings, configuration: scene.configuration,
            pool: scene.pool, logger: logger, onReady: { told.yield($0) })
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            defer { group.cancelAll() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            let match = try #require(call.content.firstMatch(of: /https:\/\/scrm\.example\.com(\/summaries\/\S+)/))
            let link = String(match.1)
            func get(_ path: String) async throws -> (Int, String) {
                try await HTTPClient.withHTTPClient { client in
                    let response = try await client.execute(
                        HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)"),
                        timeout: TimeAmount(Patience.limit))
                    return (Int(response.status.code), String(buffer: try await response.body.collect(upTo: 1 << 20)))
                }
            }
            #expect(try await get("\(link)0").0 == 403)
            #expect(try await get(link.replacing("/summaries/", with: "/alerts/")).0 == 403)
            let (status, body) = try await get(link)
            #expect(status == 200)
            return body
        }
    }

    @Test func theLeaderGetsATextCard() async throws {
        try await Scene.run(app: Self.plainApp, sandbox: Self.sandbox()) { scene in
            try await scene.whileHoldingLanes {
                try await scene.takeIn([Scene.alert("a1", text: "再不处理我就维权<b>，电话13812345678")])
                try await scene.waitUntilSettled()
            }
            let call = try #require(Self.appCalls(scene).first)
            #expect(call.user == "hejun" && call.messageType == "textcard" && call.alertIDs == ["a1"])
            #expect(call.content.contains("「维权」") && call.content.contains("王芳") && call.content.contains("客户维权"))
            #expect(!call.content.contains("13812345678") && !call.content.contains("<b>"))
            #expect(scene.sandbox.ledger.calls().contains { $0.robot == "robot-compliance" })
            #expect(scene.sandbox.tokens.issued == 1)
        }
    }

    @Test func withACallbackTheCardHasButtonsAndIsChangedLater() async throws {
        try await Scene.run(app: Self.cardApp, sandbox: Self.sandbox(callback: true)) { scene in
            try await scene.whileHoldingLanes {
                try await scene.takeIn([Scene.alert("a1", robots: [])])
                try await scene.waitUntilSettled()
                let call = try #require(Self.appCalls(scene).first)
                #expect(call.messageType == "template_card")
                #expect(call.content.contains("［认领］ ［误报］"))
                let task = try #require(call.taskID)
                try await eventually("the card is kept") { try await scene.count("alerting.cards") == 1 }
                try await scene.pool.withTransaction { try await CardStore.show(["a1": "何军已认领"], in: $0) }
                try await eventually("the card says so") { scene.sandbox.desk.replacement(of: task) == "何军已认领" }
                try await eventually("nothing more is due") {
                    try await scene.count("alerting.cards WHERE shown = '何军已认领' AND change_at IS NULL") == 1
                }
            }
        }
    }

    /// The platform has no call-back although the configuration says so.
    @Test func aCardThatThePlatformRefusesIsSentWithoutButtons() async throws {
        try await Scene.run(app: Self.cardApp, sandbox: Self.sandbox()) { scene in
            try await scene.whileHoldingLanes {
                try await scene.takeIn([Scene.alert("a1", robots: [])])
                try await scene.waitUntilSettled()
            }
            #expect(Self.appCalls(scene).map(\.messageType) == ["textcard"])
            #expect(try await scene.count("alerting.deliveries WHERE state = 'delivered'") == 1)
        }
    }

    @Test func whatIsMoreThanTheBudgetIsOneSummaryThatLeadsToEveryAlert() async throws {
        try await Scene.run(app: Self.plainApp, sandbox: Self.sandbox()) { scene in
            try await scene.takeIn((0..<60).map { Scene.alert("a\($0)", robots: []) })
            try await scene.whileHoldingLanes { try await scene.waitUntilSettled() }
            let calls = Self.appCalls(scene, all: true)
            #expect(calls.count == 1)
            let call = try #require(calls.first)
            #expect(call.content.contains("60 起") && call.content.contains("/summaries/"))
            let page = try await Self.page(of: call, scene)
            for id in 0..<60 { #expect(page.contains("/alerts/a\(id)?exp=")) }
        }
    }

    @Test func aStormStaysWithinThePersonsMinuteAndNothingIsDropped() async throws {
        try await Scene.run(app: Self.plainApp, sandbox: Self.sandbox()) { scene in
            try await scene.whileHoldingLanes {
                for start in stride(from: 0, to: 400, by: 20) {
                    try await scene.takeIn((start..<start + 20).map { Scene.alert("a\($0)", robots: []) })
                }
                try await scene.waitUntilSettled()
            }
            let calls = Self.appCalls(scene, all: true)
            #expect(calls.allSatisfy { $0.effect && $0.dropped != true && $0.errcode == 0 })
            for call in calls {
                #expect(calls.count { $0.time >= call.time && $0.time < call.time + 60_000 } <= 20)
            }
            #expect(try await scene.count("alerting.deliveries WHERE state = 'delivered'") == 400)
        }
    }

    @Test func aTokenThatEndsEarlyIsReplacedOnce() async throws {
        try await Scene.run(app: Self.plainApp, sandbox: Self.sandbox()) { scene in
            try await scene.whileHoldingLanes {
                try await scene.takeIn([Scene.alert("a1", robots: [])])
                try await scene.waitUntilSettled()
                scene.sandbox.tokens.endAll()
                try await scene.takeIn([Scene.alert("a2", robots: [], severity: .urgent)])
                try await scene.waitUntilSettled()
            }
            #expect(scene.sandbox.alertIDs == ["a1", "a2"])
            #expect(scene.sandbox.tokens.issued == 2)
            #expect(try await scene.count("alerting.deliveries WHERE state = 'delivered' AND attempts = 1") == 2)
        }
    }

    @Test func manyCopiesShareOneToken() async throws {
        try await Scene.run(app: Self.plainApp, sandbox: Self.sandbox()) { scene in
            let baseURL = scene.sandbox.baseURL
            let pool = scene.pool
            let owner = AccessTokens.Owner(corpID: "ww1", agentID: 7, secret: "app-secret")
            scene.sandbox.ledger.add(SandboxFault(kind: .slow, delayMilliseconds: 300, path: "/cgi-bin/gettoken"))
            try await OutboundHTTP.withClient(requestTimeout: Patience.limit) { http in
                let outcomes = await withTaskGroup(of: AccessTokens.Outcome.self) { group in
                    for _ in 0..<12 {
                        group.addTask {
                            // Each has nothing but the database in common with the others.
                            await AccessTokens(
                                app: CorpApp(http: http, baseURL: baseURL), pool: pool, patience: Patience.limit
                            ).token(of: owner)
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(outcomes.allSatisfy { $0 == .token(.init(text: "sandbox-token-1", version: 1)) })
                #expect(scene.sandbox.tokens.calls == 1)
            }
            let plain = try await scene.count(
                "alerting.access_tokens WHERE position('sandbox-token'::bytea IN token) > 0")
            #expect(plain == 0)
        }
    }

    @Test func aRefusedSecretIsNotAskedAgain() async throws {
        try await Scene.run(app: Self.plainApp, sandbox: Self.sandbox()) { scene in
            try await OutboundHTTP.withClient(requestTimeout: Patience.limit) { http in
                let tokens = AccessTokens(
                    app: CorpApp(http: http, baseURL: scene.sandbox.baseURL), pool: scene.pool)
                let wrong = AccessTokens.Owner(corpID: "ww1", agentID: 7, secret: "wrong")
                for _ in 0..<3 { #expect(await tokens.token(of: wrong) == .secretRefused) }
                let refused = try await scene.count("alerting.access_tokens WHERE refused_until > now()")
                #expect(refused == 1)
                // Corrected: another secret need not wait.
                let right = AccessTokens.Owner(corpID: "ww1", agentID: 7, secret: "app-secret")
                #expect(await tokens.token(of: right) == .token(.init(text: "sandbox-token-1", version: 1)))
                #expect(scene.sandbox.tokens.calls == 2)
            }
        }
    }

    @Test(
        arguments: [
            (["somebody"], [], "invalid_recipient"), (nil, ["hejun"], "unlicensed_recipient"),
        ] as [(Set<String>?, Set<String>, String)])
    func whomThePlatformCannotReachIsToldOfElsewhere(
        members: Set<String>?, unlicensed: Set<String>, reason: String
    ) async throws {
        try await Scene.run(
            app: Self.plainApp, fallbackRobots: ["sales"],
            sandbox: Self.sandbox(members: members, unlicensed: unlicensed)
        ) { scene in
            try await scene.whileHoldingLanes {
                try await scene.takeIn([Scene.alert("a1")])
                try await scene.waitUntilSettled()
            }
            #expect(
                try await scene.count("alerting.deliveries WHERE channel = 'app' AND reason = '\(reason)'") == 1)
            #expect(
                Set(scene.sandbox.ledger.calls().map(\.robot)) == ["robot-compliance", "robot-sales"])
        }
    }

    @Test func noticesWaitForTheDailySummary() async throws {
        // Twelve hours away, whatever time it is.
        let minute = Int(Date().timeIntervalSince1970 / 60) + 8 * 60 + 12 * 60
        let quiet = CorpsConfiguration.Quiet(summaryAt: TimeOfDay(minutes: minute % 1_440))
        try await Scene.run(app: Self.plainApp, quiet: quiet, sandbox: Self.sandbox()) { scene in
            try await scene.whileHoldingLanes {
                try await scene.takeIn(
                    (0..<8).map { Scene.alert("n\($0)", robots: ["sales"], severity: .notice) }
                        + [Scene.alert("a1", robots: ["sales"], severity: .urgent)])
                try await eventually("the urgent one is told") {
                    try await scene.count("alerting.deliveries WHERE state = 'delivered'") == 2
                }
                #expect(scene.sandbox.alertIDs == ["a1", "a1"])
                #expect(
                    try await scene.count(
                        "alerting.deliveries WHERE state = 'pending' AND attempts = 0 AND next_attempt_at > now()")
                        == 16)
                // The time has come.
                try await scene.pool.execute("UPDATE alerting.deliveries SET next_attempt_at = now()")
                try await scene.waitUntilSettled()
            }
            let summaries = scene.sandbox.ledger.calls().suffix(2)
            #expect(summaries.contains { $0.user == "hejun" && $0.content.contains("8 起") })
            #expect(summaries.contains { $0.robot == "robot-sales" && $0.alertIDs.count == 8 })
        }
    }
}
