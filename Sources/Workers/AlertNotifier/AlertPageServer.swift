import Alerting
import Contracts
import Foundation
import HTTPTypes
import Hummingbird
package import Logging
import NIOCore
package import Postgres
import ServiceLifecycle

/// Serves `GET /alerts/ID?exp=…&sig=…`, `GET /summaries/ID?exp=…&sig=…` for messages that told of several alerts, and
/// the call-back of the corps' apps (``CardCallback``). Pages are read-only, for whoever holds a link that is signed and not expired.
///
/// Every view is logged with the alert's id and the viewer's address, never with content. A bad link is refused before
/// the database is asked, and the answer does not tell whether such an alert exists.
package struct AlertPageServer: Service {
    private let host: String
    private let port: Int
    private let link: AlertLink
    private let configuration: @Sendable () -> NotifierConfiguration
    private let pool: PostgresPool
    private let logger: Logger
    private let callback: CardCallback?
    private let onReady: @Sendable (_ port: Int) async -> Void

    /// - Parameters:
    ///   - callback: hears of clicks on cards; `nil` for none.
    ///   - onReady: told the port once the server listens.
    package init(
        host: String, port: Int, settings: NotifierSettings,
        configuration: @escaping @Sendable () -> NotifierConfiguration, pool: PostgresPool, logger: Logger,
        callback: CardCallback? = nil,
        onReady: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.host = host
        self.port = port
        link = AlertLink(baseURL: settings.linkBaseURL, secret: settings.linkSecret)
        self.configuration = configuration
        self.pool = pool
        self.logger = logger
        self.callback = callback
        self.onReady = onReady
    }

    package func run() async throws {
        let router = Router(context: ViewerContext.self)
        router.get("/alerts/:id") { request, context in
            await respond(to: request, context: context)
        }
        router.get("/summaries/:id") { request, context in
            await summary(for: request, context: context)
        }
        callback?.add(to: router)
        let onReady = onReady
        let port = port
        var serverLogger = logger
        serverLogger.logLevel = max(logger.logLevel, .notice)
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
            onServerRunning: { channel in await onReady(channel.localAddress?.port ?? port) },
            logger: serverLogger)
        try await application.run()
    }

    private func respond(to request: Request, context: ViewerContext) async -> Response {
        let id = context.parameters.get("id").map { $0.removingPercentEncoding ?? $0 } ?? ""
        let query = request.uri.queryParameters
        let verdict = link.verify(
            alertID: id, expiry: query["exp"].map(String.init), signature: query["sig"].map(String.init),
            now: Int64(Date().timeIntervalSince1970))
        switch verdict {
        case .forged: return answer(.forbidden, "forged", AlertPage.refusal("链接无效"), nil, context)
        case .expired: return answer(.forbidden, "expired", AlertPage.refusal("链接已过期"), id, context)
        case .valid: break
        }
        do {
            guard let alert = try await alert(id) else {
                return answer(.notFound, "missing", AlertPage.refusal("告警不存在"), id, context)
            }
            let page = AlertPage.html(
                alert, followUp: try await FollowUpStore.read(id, on: pool),
                directory: configuration().directory(of: alert.corpID))
            return answer(.ok, "shown", page, id, context)
        } catch {
            logger.warning(
                "The alert page could not be made",
                metadata: [
                    "alert.id": "\(id)", "error": "\((error as? PostgresError)?.description ?? "unreadable event")",
                ])
            return answer(.serviceUnavailable, "failed", AlertPage.refusal("暂时无法显示，请稍后再试"), id, context)
        }
    }

    /// The page behind a message that told of several alerts.
    private func summary(for request: Request, context: ViewerContext) async -> Response {
        let id = context.parameters.get("id").map { $0.removingPercentEncoding ?? $0 } ?? ""
        let query = request.uri.queryParameters
        let verdict = link.verify(
            summaryID: id, expiry: query["exp"].map(String.init), signature: query["sig"].map(String.init),
            now: Int64(Date().timeIntervalSince1970))
        guard verdict == .valid, let expiry = query["exp"].flatMap({ Int64($0) }) else {
            let isExpired = verdict == .expired
            return answer(
                .forbidden, isExpired ? "expired" : "forged", AlertPage.refusal(isExpired ? "链接已过期" : "链接无效"), nil,
                context)
        }
        do {
            let alerts = try await SummaryPage.alerts(of: id, on: pool)
            guard let first = alerts.first else {
                return answer(.notFound, "missing", AlertPage.refusal("告警不存在"), id, context)
            }
            let page = SummaryPage.html(alerts, directory: configuration().directory(of: first.corpID)) {
                link.url(alertID: $0, expiry: expiry)
            }
            return answer(.ok, "shown", page, id, context)
        } catch {
            return answer(.serviceUnavailable, "failed", AlertPage.refusal("暂时无法显示，请稍后再试"), id, context)
        }
    }

    private func alert(_ id: String) async throws -> Alert? {
        let rows = try await pool.execute("SELECT event FROM alerting.alerts WHERE alert_id = $1", [.text(id)])
        guard let row = rows.first else { return nil }
        return try JSONDecoder().decode(Alert.self, from: Data(try row.decode([UInt8].self, at: 0)))
    }

    /// - Parameter id: only for links that we have signed; anything else in a log would be the visitor's own text.
    private func answer(
        _ status: HTTPResponse.Status, _ result: String, _ page: String, _ id: String?, _ context: ViewerContext
    ) -> Response {
        NotifierMetrics.pageView(result)
        logger.notice(
            "Alert page requested",
            metadata: ["alert.id": "\(id ?? "-")", "result": "\(result)", "viewer": "\(context.viewer)"])
        var headers = HTTPFields()
        headers[.contentType] = "text/html; charset=utf-8"
        for (name, value) in AlertPage.securityHeaders {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: page)))
    }

    private struct ViewerContext: RequestContext {
        var coreContext: CoreRequestContextStorage
        let viewer: String

        init(source: ApplicationRequestContextSource) {
            coreContext = CoreRequestContextStorage(source: source)
            viewer = source.channel.remoteAddress?.ipAddress ?? "unknown"
        }
    }
}
