import AlertNotifier
import Alerting
import AsyncHTTPClient
import Contracts
import Foundation
import Kafka
import Logging
import NIOCore
import NIOHTTP1
import Records
import Synchronization
import TestSupport
import Testing
import WorkerHost

/// The forms of the alert page, with a broker and a lane that decides.
@Suite(.requiresPostgres, .patient)
struct AlertNotifierActionPageTests {
    private struct Answer {
        var status: Int
        var body: String
        var location: String?
    }

    /// A visitor of the page of alert `a1`.
    private struct Visitor: Sendable {
        let client: HTTPClient
        let base: String
        let link: AlertLink
        let scene: AlertNotifierScene
        let log: RecordedLog

        func url(_ recipient: String? = nil) -> String {
            link.url(alertID: "a1", expiry: Int64(Date().timeIntervalSince1970) + 600, recipient: recipient)
        }

        func get(_ url: String) async throws -> Answer { try await send(HTTPClientRequest(url: url)) }

        func post(_ url: String, _ body: String, headers: [(String, String)] = []) async throws -> Answer {
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
            for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
            request.body = .bytes(ByteBuffer(string: body))
            return try await send(request)
        }

        private func send(_ request: HTTPClientRequest) async throws -> Answer {
            let response = try await client.execute(request, timeout: TimeAmount(Patience.limit))
            let bytes = try await response.body.collect(upTo: 1 << 20)
            return Answer(
                status: Int(response.status.code), body: String(buffer: bytes),
                location: response.headers.first(name: "location"))
        }

        func token(in page: String) throws -> String {
            let after = try #require(page.split(separator: "name=\"token\" value=\"").dropFirst().first)
            return String(try #require(after.split(separator: "\"").first))
        }
    }

    private final class RecordedLog: LogHandler {
        private let text = Mutex("")
        var whole: String { text.withLock { $0 } }
        var metadata: Logger.Metadata {
            get { [:] }
            set {}
        }
        var logLevel: Logger.Level {
            get { .trace }
            set {}
        }
        subscript(metadataKey _: String) -> Logger.Metadata.Value? {
            get { nil }
            set {}
        }
        func log(event: LogEvent) {
            text.withLock { $0 += "\(event.message) \(event.metadata ?? [:])\n" }
        }
    }

    private func visit(_ body: @escaping @Sendable (Visitor) async throws -> Void) async throws {
        let broker = try TestBroker()
        let topic = try await broker.createTopic(Topics.alertActions.name)
        let log = RecordedLog()
        var quiet = Logger(label: "clients")
        quiet.logLevel = .critical
        let clients = quiet
        let publisher = try KafkaRecordPublisher(broker.configuration, logger: clients)
        let reader = try KafkaReader(broker.configuration, topic: topic, logger: clients)
        try await AlertNotifierScene.run { scene in
            try await scene.takeIn([AlertNotifierScene.alert("a1")])
            let (ports, told) = AsyncStream.makeStream(of: Int.self)
            let server = AlertPageServer(
                host: "127.0.0.1", port: 0, settings: scene.settings,
                configuration: { NotifierConfiguration(corps: [], directories: []) }, pool: scene.pool,
                actions: AlertActionPublisher(publisher: publisher, namespace: broker.namespace),
                logger: Logger(label: "page") { _ in log }, onReady: { told.yield($0) })
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                group.addTask {
                    while let event = try await reader.next() {
                        guard case .records(let records) = event else { continue }
                        let actions = try records.map {
                            try JSONDecoder().decode(AlertAction.self, from: Data($0.value ?? []))
                        }
                        try await scene.takeIn(actions: actions)
                    }
                }
                defer { group.cancelAll() }
                var iterator = ports.makeAsyncIterator()
                let base = "http://127.0.0.1:\(try #require(await iterator.next()))"
                try await HTTPClient.withHTTPClient(configuration: .init(redirectConfiguration: .disallow)) { client in
                    try await body(
                        Visitor(
                            client: client, base: base,
                            link: AlertLink(baseURL: base, secret: scene.settings.linkSecret), scene: scene, log: log))
                }
            }
        }
        await reader.close()
        await publisher.close()
        await broker.remove()
    }

    private static let name = "%E5%91%A8%E5%AE%81"

    @Test func oneFormIsOneAction() async throws {
        try await visit { visitor in
            let url = visitor.url()
            let page = try await visitor.get(url)
            #expect(page.body.contains("待处理") && page.body.contains("认领") && page.body.contains("name=\"name\""))
            let form = "token=\(try visitor.token(in: page.body))&name=\(Self.name)&note=%E6%9C%BA%E5%AF%86&do="
            let first = try await visitor.post(url, form + "acknowledge")
            #expect(first.status == 303)
            // The same form again, and with another button: nothing changes.
            for button in ["acknowledge", "resolve:legal"] {
                let again = try await visitor.post(url, form + button)
                #expect(again.status == 303 && again.location == first.location)
            }
            let location = try #require(first.location)
            let path = String(try #require(url.split(separator: "?").first))
            let next = try await visitor.get(path + location)
            #expect(next.status == 200 && next.body.contains("操作成功") && next.body.contains("已认领（周宁）"))
            #expect(next.body.contains("周宁 认领") && next.body.contains("<p class=\"message\">机密</p>"))
            #expect(try await visitor.scene.count("alerting.actions") == 1)

            // Somebody who is too late, with the link of their own.
            let own = visitor.url("hejun")
            let theirs = try await visitor.get(own)
            #expect(theirs.body.contains("以「hejun」的身份") && !theirs.body.contains("name=\"name\""))
            let token = try visitor.token(in: theirs.body)
            let resolved = try await visitor.post(own, "token=\(token)&name=zong&do=resolve:false_alarm")
            #expect(resolved.status == 303)
            let stale = "token=\(try visitor.token(in: next.body))&name=%20an%20&do=acknowledge"
            let late = try await visitor.post(url, stale)
            let told = try await visitor.get(path + (try #require(late.location)))
            #expect(told.body.contains("晚了一步：hejun 已在处理") && told.body.contains("已处理：误报（hejun）"))
            #expect(told.body.contains("重新打开") && !told.body.contains("value=\"acknowledge\""))
            #expect(!visitor.log.whole.contains("机密") && !visitor.log.whole.contains("周宁"))
            #expect(!visitor.log.whole.contains(token) && !visitor.log.whole.contains("sig="))
        }
    }

    @Test func whatTheFormNeverSendsIsRefused() async throws {
        try await visit { visitor in
            let url = visitor.url()
            let token = try visitor.token(in: try await visitor.get(url).body)
            func status(
                _ body: String, _ headers: [(String, String)] = [], at address: String? = nil
            ) async throws -> Int {
                try await visitor.post(address ?? url, body, headers: headers).status
            }
            let good = "token=\(token)&name=an&do=acknowledge"
            #expect(try await status(good, at: url.replacing("sig=", with: "sig=0")) == 403)
            #expect(try await status(good, at: visitor.url("an").replacing("to=an", with: "to=bo")) == 403)
            #expect(try await status(good, [("sec-fetch-site", "cross-site")]) == 403)
            #expect(try await status(good, [("content-type", "text/plain")]) == 415)
            #expect(try await status("token=\(token)0&name=an&do=acknowledge") == 403)
            #expect(try await status("name=an&do=acknowledge") == 400)
            #expect(try await status("token=\(token)&do=acknowledge") == 400)
            #expect(try await status("token=\(token)&name=%00&do=acknowledge") == 400)
            #expect(try await status("token=\(token)&name=an&do=comment&note=%20") == 400)
            #expect(try await status(good + "&note=" + String(repeating: "a", count: 20_000)) == 413)
            #expect(try await status(good + "&note=" + String(repeating: "a", count: 1_001)) == 400)
            for button in ["", "close", "resolve", "resolve:", "resolve:gone", "acknowledge:x", "resolve:legal:x"] {
                #expect(try await status("token=\(token)&name=an&do=\(button)") == 400)
            }
            // Noise, by seed.
            var generator = SeededGenerator(seed: 7)
            for _ in 0..<200 {
                let characters = Array("token=&doname%0A2+.:\(token)")
                let length = Int.random(in: 0...120, using: &generator)
                let noise = String((0..<length).map { _ in characters.randomElement(using: &generator) ?? "a" })
                #expect([400, 403].contains(try await status(noise)))
            }
            #expect(try await visitor.scene.count("alerting.actions") == 0)
            // And the token is still good for what it was made for.
            #expect(try await status(good, [("sec-fetch-site", "same-origin")]) == 303)
            #expect(try await visitor.scene.count("alerting.actions WHERE outcome = 'applied'") == 1)
            #expect(!visitor.log.whole.contains(token))
        }
    }
}
