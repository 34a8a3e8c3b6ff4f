import Foundation
import HTTPTypes
import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle

/// A stand-in for the parts of the WeCom API that the workers call, with the platform's limits and error codes, and with
/// faults on request. Also receives generic webhooks.
///
/// | call | does |
/// | --- | --- |
/// | `POST /cgi-bin/webhook/send?key=KEY` | group robot |
/// | `GET /cgi-bin/gettoken` | an access token for two hours; the same one while it lives |
/// | `POST /cgi-bin/message/send` | app message to one person: text card, card with buttons |
/// | `POST /cgi-bin/message/update_template_card` | changes a card, once for each response code |
/// | `POST /cgi-bin/externalcontact/…` | `add_msg_template`, `get_groupmsg_list_v2`, `get_groupmsg_task`, `get_groupmsg_send_result` |
/// | `POST /sandbox/click` | `{"user","task_id","key"}`: clicks a button; the call-back hears of it |
/// | `DELETE /sandbox/tokens` | ends all access tokens early |
/// | `POST /webhook`, `POST /webhook/NAME` | generic webhook; 401 when a secret is set and the signature is wrong |
/// | `GET /sandbox/received` | calls taken in, as JSON; `?all=true` with the refused ones |
/// | `DELETE /sandbox/received` | forgets them |
/// | `GET /sandbox/touches` | what each customer got by mass-send tasks, as JSON |
/// | `GET /sandbox/counters` | numbers by outcome |
/// | `POST /sandbox/faults` | asks for a fault (``SandboxFault``); `GET` lists, `DELETE` clears |
package struct WeComSandbox: Service {
    package let ledger = SandboxLedger()
    package let contact = CustomerContact()
    package let tokens = TokenDesk()
    /// Cards of the app.
    package let desk: AppDesk
    private let settings: SandboxSettings
    private let logger: Logger
    private let onReady: @Sendable (_ baseURL: String) async -> Void

    /// - Parameter onReady: told the base URL once the stand-in listens.
    package init(
        settings: SandboxSettings, logger: Logger, onReady: @escaping @Sendable (_ baseURL: String) async -> Void
    ) {
        self.settings = settings
        desk = AppDesk(settings: settings)
        self.logger = logger
        self.onReady = onReady
    }

    package func run() async throws {
        let router = Router(context: SandboxContext.self)
        let robot = RobotEndpoint(ledger: ledger, settings: settings)
        router.post("/cgi-bin/webhook/send") { request, context in
            try await robot.respond(to: request, context: context)
        }
        let webhook = WebhookEndpoint(ledger: ledger, settings: settings)
        for path in ["/webhook", "/webhook/:name"] as [RouterPath] {
            router.post(path) { request, context in
                try await webhook.respond(to: request, context: context)
            }
        }
        CustomerContactEndpoint(ledger: ledger, settings: settings, contact: contact, tokens: tokens)
            .addRoutes(to: router)
        AppEndpoint(ledger: ledger, settings: settings, desk: desk, tokens: tokens).add(to: router)
        addAdministration(to: router)
        let settings = settings
        let onReady = onReady
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname(settings.host, port: settings.port)),
            onServerRunning: { channel in
                await onReady("http://\(settings.host):\(channel.localAddress?.port ?? settings.port)")
            },
            logger: logger)
        try await application.run()
    }

    private func addAdministration(to router: Router<SandboxContext>) {
        let ledger = ledger
        router.get("/sandbox/received") { request, _ in
            ledger.calls(all: request.uri.queryParameters["all"] == "true")
        }
        router.delete("/sandbox/received") { _, _ in
            ledger.clear()
            return HTTPResponse.Status.noContent
        }
        let (contact, tokens) = (contact, tokens)
        router.get("/sandbox/touches") { _, _ in contact.touches() }
        router.delete("/sandbox/tokens") { _, _ in
            tokens.endAll()
            return HTTPResponse.Status.noContent
        }
        router.get("/sandbox/counters") { _, _ in ledger.counters() }
        router.get("/sandbox/faults") { _, _ in ledger.faults() }
        router.delete("/sandbox/faults") { _, _ in
            ledger.clearFaults()
            return HTTPResponse.Status.noContent
        }
        let desk = desk
        router.post("/sandbox/click") { request, context in
            let click = try await request.decode(as: AppDesk.Click.self, context: context)
            return EditedResponse(status: .ok, response: try await desk.click(click))
        }
        router.post("/sandbox/faults") { request, context in
            let fault = try await request.decode(as: SandboxFault.self, context: context)
            ledger.add(fault)
            return EditedResponse(status: .created, response: fault)
        }
    }
}
