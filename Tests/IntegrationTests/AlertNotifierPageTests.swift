import AlertNotifier
import Alerting
import AsyncHTTPClient
import Contracts
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@Suite(.requiresPostgres, .patient)
struct AlertNotifierPageTests {
    private struct Page {
        var status: Int
        var body: String
        var headers: HTTPHeaders
    }

    /// Serves the page with an alert whose text tries to break out of it.
    private func withPage(
        _ body: @escaping @Sendable (_ get: @Sendable (String) async throws -> Page, AlertLink) async throws -> Void
    ) async throws {
        try await AlertNotifierScene.run { scene in
            try await scene.takeIn([
                AlertNotifierScene.alert(
                    "a/1?", text: "<b>我&\"'维权</b><script>alert(1)</script>电话13812345678")
            ])
            let (ports, told) = AsyncStream.makeStream(of: Int.self)
            var logger = Logger(label: "page")
            logger.logLevel = .critical
            let server = AlertPageServer(
                host: "127.0.0.1", port: 0, settings: scene.settings,
                configuration: { NotifierConfiguration(corps: [], directories: []) }, pool: scene.pool, logger: logger,
                onReady: { told.yield($0) })
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                defer { group.cancelAll() }
                var iterator = ports.makeAsyncIterator()
                let port = try #require(await iterator.next())
                let link = AlertLink(
                    baseURL: "http://127.0.0.1:\(port)", secret: scene.settings.linkSecret)
                try await HTTPClient.withHTTPClient { client in
                    try await body(
                        { url in
                            let response = try await client.execute(
                                HTTPClientRequest(url: url), timeout: TimeAmount(Patience.limit))
                            let bytes = try await response.body.collect(upTo: 1 << 20)
                            return Page(
                                status: Int(response.status.code), body: String(buffer: bytes),
                                headers: response.headers)
                        }, link)
                }
            }
        }
    }

    private var tomorrow: Int64 { Int64(Date().timeIntervalSince1970) + 86_400 }

    @Test func thePageSaysThatWordsWereForwarded() {
        var alert = AlertNotifierScene.alert("a1")
        #expect(!AlertPage.html(alert, directory: nil).contains("转发，"))
        alert.message.forwarded = true
        #expect(AlertPage.html(alert, directory: nil).contains("消息原文（转发，可能是他人的话）"))
    }

    @Test func aGoodLinkShowsTheWholeMessageEscapedWithTheHitMarked() async throws {
        try await withPage { get, link in
            let page = try await get(link.url(alertID: "a/1?", expiry: tomorrow))
            #expect(page.status == 200)
            #expect(page.body.contains("&lt;b&gt;我&amp;&quot;<mark>&#39;维</mark>权"))
            #expect(page.body.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
            #expect(!page.body.contains("<script"))
            #expect(page.body.contains("13812345678"))
            #expect(page.body.contains("wm…A***"))
            #expect(!page.body.contains("wmR4xTCwAAq0Zc7hVw2Ue8mJt5Lk9PsA"))
            #expect(page.headers.first(name: "cache-control") == "no-store")
            #expect(page.headers.first(name: "content-security-policy")?.hasPrefix("default-src 'none'") == true)
            #expect(page.headers.first(name: "x-robots-tag")?.contains("noindex") == true)
        }
    }

    @Test func anExpiredLinkShowsNothing() async throws {
        try await withPage { get, link in
            let page = try await get(link.url(alertID: "a/1?", expiry: tomorrow - 2 * 86_400))
            #expect(page.status == 403)
            #expect(page.body.contains("链接已过期"))
            #expect(!page.body.contains("维权"))
        }
    }

    @Test func aTamperedLinkShowsNothing() async throws {
        try await withPage { get, link in
            let good = link.url(alertID: "a/1?", expiry: tomorrow)
            let forged = [
                good.replacing("exp=\(tomorrow)", with: "exp=\(tomorrow + 1)"),
                good.replacing("/alerts/a%2F1%3F", with: "/alerts/other"),
                String(good.dropLast(2)) + "zz", String(good.dropLast(2)), good.replacing("&sig=", with: "&gis="),
            ]
            for url in forged {
                let page = try await get(url)
                #expect(page.status == 403)
                #expect(page.body.contains("链接无效"))
                #expect(!page.body.contains("维权"))
            }
            let missing = try await get(link.url(alertID: "missing", expiry: tomorrow))
            #expect(missing.status == 404)
        }
    }
}
