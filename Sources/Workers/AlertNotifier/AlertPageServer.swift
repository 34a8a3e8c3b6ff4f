import Alerting
import Contracts
import Foundation
import HTTPTypes
import Hummingbird
package import Logging
import NIOCore
package import Postgres
import ServiceLifecycle

/// Serves `GET` and `POST /alerts/ID?exp=…[&to=…]&sig=…` for whoever holds a link that is signed and not expired: the alert,
/// where it stands, and what may be done about it; `GET /summaries/ID?exp=…&sig=…` for messages that told of several
/// alerts; and the call-back of the corps' apps (``CardCallback``).
///
/// Every request is logged with the alert's id and the visitor's address, never with content. A bad link is refused before
/// the database is asked, and the answer does not tell whether such an alert exists.
package struct AlertPageServer: Service {
    let host: String
    let port: Int
    let link: AlertLink
    let tokens: ActionToken
    let actions: AlertActionPublisher?
    let configuration: @Sendable () -> NotifierConfiguration
    let pool: PostgresPool
    let logger: Logger
    private let callback: CardCallback?
    private let onReady: @Sendable (_ port: Int) async -> Void

    /// - Parameters:
    ///   - actions: takes what visitors do; without it the page is only to be read.
    ///   - callback: hears of clicks on cards; `nil` for none.
    ///   - onReady: told the port once the server listens.
    package init(
        host: String, port: Int, settings: NotifierSettings,
        configuration: @escaping @Sendable () -> NotifierConfiguration, pool: PostgresPool,
        actions: AlertActionPublisher? = nil, callback: CardCallback? = nil, logger: Logger,
        onReady: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.host = host
        self.port = port
        link = AlertLink(baseURL: settings.linkBaseURL, secret: settings.linkSecret)
        tokens = ActionToken(secret: settings.linkSecret)
        self.configuration = configuration
        self.pool = pool
        self.actions = actions
        self.logger = logger
        self.callback = callback
        self.onReady = onReady
    }

    package func run() async throws {
        let router = Router(context: VisitorContext.self)
        router.get("/alerts/:id") { request, context in
            await visit(request, context) { try await show($0) }
        }
        router.post("/alerts/:id") { request, context in
            await visit(request, context) { try await act($0, request) }
        }
        router.get("/summaries/:id") { request, context in
            await summary(request, context)
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

    /// Somebody with a good link.
    struct Visit: Sendable {
        var alertID: String
        /// Whom the link was made for; `nil`: nobody in particular.
        var recipient: String?
        /// The link's own query.
        var query: String
        /// The action they come from.
        var actionID: String?
        /// Unix seconds.
        var now: Int64
    }

    /// What is answered, and the fixed word by which it is logged and counted.
    struct Answer: Sendable {
        var status: HTTPResponse.Status
        var result: String
        var page: String = ""
        var location: String?

        static func refused(_ status: HTTPResponse.Status, _ result: String, _ text: String) -> Answer {
            Answer(status: status, result: result, page: AlertPage.refusal(text))
        }
    }

    private func visit(
        _ request: Request, _ context: VisitorContext, _ body: (Visit) async throws -> Answer
    ) async -> Response {
        let id = context.parameters.get("id").map { $0.removingPercentEncoding ?? $0 } ?? ""
        let query = request.uri.queryParameters
        func text(_ name: Substring) -> String? { query[name].map(String.init) }
        let now = Int64(Date().timeIntervalSince1970)
        let verdict = link.verify(
            alertID: id, expiry: text("exp"), recipient: text("to"), signature: text("sig"), now: now)
        switch verdict {
        case .forged: return respond(.refused(.forbidden, "forged", "链接无效"), nil, context)
        case .expired: return respond(.refused(.forbidden, "expired", "链接已过期"), id, context)
        case .valid: break
        }
        // Signed, so these are the characters that we wrote ourselves.
        let own = (request.uri.query ?? "").split(separator: "&").filter { !$0.hasPrefix("done=") }
        let visit = Visit(
            alertID: id, recipient: text("to"), query: own.joined(separator: "&"), actionID: text("done"), now: now)
        do {
            return respond(try await body(visit), id, context)
        } catch {
            logger.warning(
                "The alert page could not be made",
                metadata: [
                    "alert.id": "\(id)", "error": "\((error as? PostgresError)?.description ?? "\(type(of: error))")",
                ])
            return respond(.refused(.serviceUnavailable, "failed", "暂时无法显示，请稍后再试"), id, context)
        }
    }

    /// The page behind a message that told of several alerts.
    private func summary(_ request: Request, _ context: VisitorContext) async -> Response {
        let id = context.parameters.get("id").map { $0.removingPercentEncoding ?? $0 } ?? ""
        let query = request.uri.queryParameters
        let verdict = link.verify(
            summaryID: id, expiry: query["exp"].map(String.init), signature: query["sig"].map(String.init),
            now: Int64(Date().timeIntervalSince1970))
        guard verdict == .valid, let expiry = query["exp"].flatMap({ Int64($0) }) else {
            return verdict == .expired
                ? respond(.refused(.forbidden, "expired", "链接已过期"), nil, context)
                : respond(.refused(.forbidden, "forged", "链接无效"), nil, context)
        }
        do {
            let alerts = try await SummaryPage.alerts(of: id, on: pool)
            guard let first = alerts.first else {
                return respond(.refused(.notFound, "missing", "告警不存在"), id, context)
            }
            let page = SummaryPage.html(alerts, directory: configuration().directory(of: first.corpID)) {
                link.url(alertID: $0, expiry: expiry)
            }
            return respond(Answer(status: .ok, result: "shown", page: page), id, context)
        } catch {
            return respond(.refused(.serviceUnavailable, "failed", "暂时无法显示，请稍后再试"), id, context)
        }
    }

    /// - Parameter id: only for links that we have signed; anything else in a log would be the visitor's own text.
    private func respond(_ answer: Answer, _ id: String?, _ context: VisitorContext) -> Response {
        NotifierMetrics.pageView(answer.result)
        logger.notice(
            "Alert page requested",
            metadata: ["alert.id": "\(id ?? "-")", "result": "\(answer.result)", "viewer": "\(context.viewer)"])
        var headers = HTTPFields()
        headers[.contentType] = "text/html; charset=utf-8"
        headers[.location] = answer.location
        for (name, value) in AlertPage.securityHeaders {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(
            status: answer.status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: answer.page)))
    }

    private struct VisitorContext: RequestContext {
        var coreContext: CoreRequestContextStorage
        let viewer: String

        init(source: ApplicationRequestContextSource) {
            coreContext = CoreRequestContextStorage(source: source)
            viewer = source.channel.remoteAddress?.ipAddress ?? "unknown"
        }
    }
}
