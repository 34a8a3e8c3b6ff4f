import AlertNotifier
import Alerting
import ArgumentParser
import Contracts
import Foundation
import WeCom
import WorkerHost

@main
struct App: WorkerCommand {
    static let configuration = CommandConfiguration(
        commandName: Programs.alertNotifier,
        abstract: "Tells managers of alerts, takes what they do about them, and escalates what is left alone.",
        discussion: """
            WeCom app messages, group robots, webhooks, and a page for each alert, where it is acknowledged and resolved.
            The address of the page is also where WeCom calls back when somebody clicks on a card: enter
            https://YOUR-HOST/wecom/callback/CORP in the app's console. Whoever runs it may also publish to
            \(Topics.alertActions.name), \(Topics.alertStates.name) and \(Topics.customerEvents.name).

            Needs ALERT_LINK_SECRET (the same on every copy) and ALERT_LINK_BASE_URL.

            EXAMPLE
              ALERT_LINK_SECRET=… alert-notifier --alert-link-base-url https://scrm.example.com \\
                --alert-page-address 0.0.0.0:8080

            \(ExitStatus.help)
            """)

    @OptionGroup var options: WorkerOptions
    @OptionGroup(title: "Notifier options") var notifier: NotifierOptions

    func run() async throws {
        var reader = options.reader(adding: NotifierSettings.all, flags: notifier.flags)
        let settings = NotifierSettings(&reader)
        let page = NotifierSettings.page(&reader)
        let launch = try await Launch(
            program: Programs.alertNotifier, schema: Schema.alerting.rawValue, settings: reader)
        let corps = launch.feed(kind: CorpsConfiguration.kind, topic: Topics.corps.name) { _, value in
            try JSONDecoder().decode(CorpsConfiguration.self, from: Data(value))
        }
        // Without a directory alerts name employees by id and mention the rule's fixed recipients.
        let directory = launch.feed(
            kind: DirectoryConfiguration.kind, topic: Topics.directory.name, allowsEmpty: true
        ) { _, value in
            Directory(try JSONDecoder().decode(DirectoryConfiguration.self, from: Data(value)))
        }
        let view = FeedView(of: [corps, directory]) {
            NotifierConfiguration(
                corps: corps.current.values.values.flatMap(\.corps), directories: Array(directory.current.values.values)
            )
        }
        let configuration: @Sendable () -> NotifierConfiguration = { view.current }
        try await OutboundHTTP.withClient(requestTimeout: settings.requestTimeout) { http in
            let handler = AlertNotifier(
                settings: settings, configuration: configuration, http: http, pool: launch.pool,
                namespace: Namespace(launch.namespace), logger: launch.logger)
            // Of its own: what visitors do does not wait behind the lanes' outboxes.
            let producer = try page.map { _ in try KafkaRecordPublisher(launch.kafka, logger: launch.logger) }
            let actions = producer.map {
                AlertActionPublisher(publisher: $0, namespace: Namespace(launch.namespace))
            }
            let pages = page.map { page in
                AlertPageServer(
                    host: page.host, port: page.port, settings: settings, configuration: configuration,
                    pool: launch.pool, actions: actions,
                    callback: actions.map {
                        CardCallback(
                            configuration: configuration, pool: launch.pool, logger: launch.logger, publish: $0.publish)
                    }, logger: launch.logger)
            }
            let meter = OpenAlertsMeter(pool: launch.pool, logger: launch.logger)
            try await launch.run(
                handler, doors: [Topics.alertActions.name], streams: [Topics.alerts.name],
                outputs: [Topics.alertStates.name, Topics.customerEvents.name], feeds: [corps, directory],
                services: [meter] + (pages.map { [$0] } ?? []))
            await producer?.close()
        }
    }
}
