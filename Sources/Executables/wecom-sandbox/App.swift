import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals
import WeComSandbox

@main
struct App: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wecom-sandbox",
        abstract:
            "A stand-in for the WeCom API: group robots, app messages with cards, mass sending, and generic webhooks.",
        discussion: """
            Workers reach it as WECOM_BASE_URL. Until SIGTERM or SIGINT. Keeps the platform's limits, and plays its faults on
            request.

            EXAMPLE
              wecom-sandbox --port 8999 --file /tmp/sandbox &
              curl "$(cat /tmp/sandbox)/sandbox/received"
              curl "$(cat /tmp/sandbox)/sandbox/touches"
              curl -d '{"kind":"errcode","errcode":45009,"count":3}' "$(cat /tmp/sandbox)/sandbox/faults"
              curl -d '{"user":"hejun","task_id":"…","key":"ack:…"}' "$(cat /tmp/sandbox)/sandbox/click"

            Kinds of faults: slow, http500, http500_after_effect, http_status, errcode, drop_after_effect,
            drop_before_effect, long_answer, stalled_answer;
            further fields: count, errcode, status, retry_after, delay_ms, path, key.
            """)

    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "Port to listen on; 0 for any free one.")
    var port = 0

    @Option(help: "Write the base URL to this file once it listens.")
    var file: String?

    @Option(help: "Append every message taken in to this file, as its reader would see it.")
    var show: String?

    @Option(
        name: .customLong("robot-key"),
        help: "A robot that exists; repeat for more. Other keys are answered 93000. By default every key exists.")
    var robotKeys: [String] = []

    @Option(help: "Webhook calls must be signed with it. Also read from WEBHOOK_SECRET.")
    var webhookSecret: String?

    @Option(help: "Milliseconds after which employees confirm a mass-send task; -1: never.")
    var confirmAfterMs = 1000
    @Option(help: "The app's secret; another one is refused. Also read from APP_SECRET. By default every one is right.")
    var appSecret: String?

    @Option(
        name: .customLong("member"),
        help: "Somebody in the corp; repeat for more. Others can't be written to. By default everybody is there.")
    var members: [String] = []

    @Option(
        help: ArgumentHelp(
            "Where clicks on cards are called back, as https://…/wecom/callback/CORP; sealed with APP_CALLBACK_TOKEN and APP_CALLBACK_KEY.",
            valueName: "url"))
    var callback: String?

    @Flag(help: "End when the parent process ends.")
    var withParent = false

    func run() async throws {
        let logger = Logger(label: "wecom-sandbox")
        let environment = ProcessInfo.processInfo.environment
        let secret = webhookSecret ?? environment["WEBHOOK_SECRET"]
        let callback = callback.map { url in
            SandboxSettings.Callback(
                url: url, token: environment["APP_CALLBACK_TOKEN"] ?? "", key: environment["APP_CALLBACK_KEY"] ?? "",
                corpID: String(url.split(separator: "/").last ?? ""))
        }
        let settings = SandboxSettings(
            host: host, port: port, robotKeys: robotKeys.isEmpty ? nil : Set(robotKeys), webhookSecret: secret,
            showPath: show, contactSecret: environment["WECOM_CONTACT_SECRET"],
            confirmsAfter: confirmAfterMs < 0 ? nil : confirmAfterMs, members: members.isEmpty ? nil : Set(members),
            appSecret: appSecret ?? environment["APP_SECRET"], callback: callback)
        let sandbox = WeComSandbox(settings: settings, logger: logger) { [file] url in
            logger.notice("WeCom sandbox listens", metadata: ["url": "\(url)"])
            guard let file else { return }
            do {
                try Data("\(url)\n".utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
            } catch {
                logger.error("Cannot write the address file", metadata: ["path": "\(file)"])
            }
        }
        var services = [ServiceGroupConfiguration.ServiceConfiguration(service: sandbox)]
        if withParent {
            services.append(.init(service: ParentWatch(), successTerminationBehavior: .gracefullyShutdownGroup))
        }
        let group = ServiceGroup(
            configuration: .init(
                services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }
}
