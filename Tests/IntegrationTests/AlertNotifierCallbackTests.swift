import AlertNotifier
import Contracts
import Foundation
import Logging
import Postgres
import Synchronization
import TestSupport
import Testing
import WeComSandbox

/// Clicks on cards, and what is no click.
@Suite(.requiresPostgres, .patient)
struct AlertNotifierCallbackTests {
    private typealias Scene = AlertNotifierScene

    private static let letter = CallbackLetter(
        callback: .init(
            url: "http://h/wecom/callback/ww1", token: Scene.callbackToken, key: Scene.callbackKey, corpID: "ww1"))
    private static let now = Date()
    private static var nowSeconds: Int64 { Int64(now.timeIntervalSince1970) }

    private final class Lines: Sendable {
        let all = Mutex("")
    }

    private struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.all.withLock { $0 += "\(event.message) \(event.metadata ?? [:])\n" }
        }
    }

    private final class Published: Sendable {
        let actions = Mutex<[AlertAction]>([])
        var isEmpty: Bool { actions.withLock { $0.isEmpty } }
    }

    private func withCallback(
        _ body: @escaping @Sendable (CardCallback, Published, Scene) async throws -> Void
    ) async throws {
        try await Scene.run(
            app: .init(agentID: 1_000_012, secret: "", callbackToken: "yes", callbackKey: "yes")
        ) { scene in
            try await scene.takeIn([Scene.alert("a1", robots: [])])
            let published = Published()
            var logger = Logger(label: "callback")
            logger.logLevel = .critical
            let callback = CardCallback(
                configuration: scene.configuration, pool: scene.pool, logger: logger,
                publish: { action in published.actions.withLock { $0.append(action) } })
            try await body(callback, published, scene)
        }
    }

    private static func query(_ url: String) -> [(String, String)] {
        URLComponents(string: url)?.queryItems?.map { ($0.name, $0.value ?? "") } ?? []
    }

    private static func click(_ key: String, user: String = "HeJun") -> (url: String, body: String) {
        letter.click(.init(user: user, taskID: "task", key: key), responseCode: "code-9", now: now)
    }

    @Test(arguments: [("ack:a1", AlertAction.Kind.acknowledge, nil), ("false:a1", .resolve, AlertResult.falseAlarm)])
    func aClickIsPublished(key: String, kind: AlertAction.Kind, result: AlertResult?) async throws {
        try await withCallback { callback, published, _ in
            let call = Self.click(key)
            for _ in 0..<2 {
                let answer = await callback.receive(
                    corpID: "ww1", .init(Self.query(call.url)), body: Array(call.body.utf8), now: Self.nowSeconds)
                #expect(answer == .init(status: 200))
            }
            let actions = published.actions.withLock { $0 }
            let action = try #require(actions.first)
            #expect(action.kind == kind && action.result == result && action.alertID == "a1")
            #expect(action.actor == "HeJun" && action.origin == .card && action.at == Self.nowSeconds * 1000)
            #expect(action.conversationID == "s:wangfang|wmR4xTCwAAq0Zc7hVw2Ue8mJt5Lk9PsA")
            // Repeated by the platform, it is the same action.
            #expect(Set(actions.map(\.actionID)).count == 1)
        }
    }

    @Test func theEchoIsAnsweredInPlainText() async throws {
        try await withCallback { callback, _, _ in
            let url = Self.letter.echo("1234567890", now: Self.now)
            let answer = callback.echo(corpID: "ww1", .init(Self.query(url)), now: Self.nowSeconds)
            #expect(answer == .init(status: 200, body: "1234567890"))
        }
    }

    @Test func whatIsNotThePlatformsIsRefused() async throws {
        try await withCallback { callback, published, scene in
            let call = Self.click("ack:a1")
            let (query, body) = (Self.query(call.url), Array(call.body.utf8))
            func status(
                _ query: [(String, String)], _ body: [UInt8]?, corp: String = "ww1", now: Int64 = Self.nowSeconds
            ) async -> Int { await callback.receive(corpID: corp, .init(query), body: body, now: now).status }

            #expect(await status(query, nil) == 413)
            #expect(await status([], body) == 403)
            #expect(await status(query, []) == 403)
            #expect(await status(query, Array("<xml><Encrypt>x</Encrypt></xml>".utf8)) == 403)
            #expect(await status(query, body, corp: "ww2") == 403)
            // Recorded and played again later.
            #expect(await status(query, body, now: Self.nowSeconds + 3_600) == 403)
            #expect(await status(query.map { ($0.0, $0.0 == "timestamp" ? "1" : $0.1) }, body) == 403)
            // Signed rightly, and meant for another corp or nonsense inside.
            let other = CallbackLetter(
                callback: .init(url: "http://h", token: Scene.callbackToken, key: Scene.callbackKey, corpID: "ww2")
            ).sealed(Array("<xml></xml>".utf8), now: Self.now)
            #expect(await status(Self.query(other.url), Array(other.body.utf8)) == 403)
            for content in ["", "no xml", "<xml><a></xml>", "<!DOCTYPE xml><xml></xml>", "<xml>&x;</xml>"] {
                let sealed = Self.letter.sealed(Array(content.utf8), now: Self.now)
                #expect(await status(Self.query(sealed.url), Array(sealed.body.utf8)) == 403)
            }
            #expect(published.isEmpty)
            // Of no alert that we know, and another event: taken, and nothing comes of it.
            for key in ["ack:unknown", "something else"] {
                let odd = Self.click(key)
                #expect(await status(Self.query(odd.url), Array(odd.body.utf8)) == 200)
            }
            #expect(published.isEmpty)
            let cards = try await scene.count("alerting.cards")
            #expect(cards == 0)
        }
    }

    /// Whatever single thing is changed on the way, nothing is published.
    @Test func aChangedCallIsRefused() async throws {
        try await withCallback { callback, published, _ in
            var generator = SeededGenerator(seed: 20_261_126)
            for _ in 0..<400 {
                let call = Self.click("ack:a1")
                var query = Self.query(call.url)
                var body = Array(call.body.utf8)
                if Bool.random(using: &generator) {
                    let range = try #require(call.body.firstRange(of: /<Encrypt><!\[CDATA\[[^\]]*/))
                    let prefix = "<Encrypt><![CDATA[".utf8.count
                    let start = call.body.utf8.distance(from: call.body.startIndex, to: range.lowerBound) + prefix
                    let end = call.body.utf8.distance(from: call.body.startIndex, to: range.upperBound)
                    let index = Int.random(in: start..<end, using: &generator)
                    switch Int.random(in: 0..<3, using: &generator) {
                    case 0: body[index] ^= UInt8.random(in: 1...255, using: &generator)
                    case 1: body.remove(at: index)
                    default: body.insert(UInt8.random(in: 0...255, using: &generator), at: index)
                    }
                } else {
                    let index = Int.random(in: 0..<query.count, using: &generator)
                    query[index].1 = String(query[index].1.dropLast()) + "~"
                }
                let answer = await callback.receive(
                    corpID: "ww1", .init(query), body: body, now: Self.nowSeconds)
                #expect(answer.status == 403)
            }
            #expect(published.isEmpty)
        }
    }

    @Test func noSecretIsLogged() async throws {
        let lines = Lines()
        try await Scene.run(
            app: .init(agentID: 1_000_012, secret: "", callbackToken: "yes", callbackKey: "yes")
        ) { scene in
            let callback = CardCallback(
                configuration: scene.configuration, pool: scene.pool,
                logger: Logger(label: "callback") { _ in Handler(lines: lines) }, publish: { _ in })
            let call = Self.click("ack:a1", user: "<secret-user>")
            let query = Self.query(call.url)
            for (corp, body) in [("ww1", call.body), ("ww1", "<xml>"), ("evil\ncorp", call.body)] {
                _ = await callback.receive(
                    corpID: corp, .init(query), body: Array(body.utf8), now: Self.nowSeconds)
                _ = await callback.receive(corpID: corp, .init([]), body: Array(body.utf8), now: Self.nowSeconds)
            }
        }
        let text = lines.all.withLock { $0 }
        #expect(text.contains("wrong_signature") && text.contains("unknown_corp"))
        for secret in [Scene.callbackToken, Scene.callbackKey, "secret-user", "code-9", "evil", "<xml>"] {
            #expect(!text.contains(secret))
        }
    }
}
