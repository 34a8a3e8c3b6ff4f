import ArgumentParser
import CampaignDispatcher
import Campaigns
import Contracts
import Foundation
import WeCom
import WorkerHost

@main
struct App: WorkerCommand {
    static let configuration = CommandConfiguration(
        commandName: Programs.campaignDispatcher,
        abstract: "Leads customers through touch plans and gives employees mass-send tasks, within the guard rails.",
        discussion: """
            Needs the plans (scrm campaigns apply) and, for each corp that sends, contact_secret (scrm corps apply).

            EXAMPLE
              campaign-dispatcher --bootstrap-servers localhost:9092 \\
                --database-url postgres://scrm_campaigns@localhost/scrm --http-address 0.0.0.0:8080

            \(ExitStatus.help)
            """)

    @OptionGroup var options: WorkerOptions
    @OptionGroup(title: "Dispatcher options") var dispatcher: DispatcherOptions

    func run() async throws {
        var reader = options.reader(adding: DispatcherSettings.all, flags: dispatcher.flags)
        let settings = DispatcherSettings(&reader)
        let launch = try await Launch(
            program: Programs.campaignDispatcher, schema: Schema.campaigns.rawValue, settings: reader)
        let plans = launch.feed(
            kind: CampaignsConfiguration.kind, topic: Topics.campaigns.name, allowsEmpty: true,
            compile: CorpPlans.compile)
        let corps = launch.feed(kind: CorpsConfiguration.kind, topic: Topics.corps.name) { _, value in
            try JSONDecoder().decode(CorpsConfiguration.self, from: Data(value))
        }
        let view = FeedView(of: [plans, corps]) {
            DispatcherConfiguration(
                corps: Array(plans.current.values.values),
                secrets: DispatcherConfiguration.secrets(Array(corps.current.values.values)))
        }
        try await OutboundHTTP.withClient(requestTimeout: settings.requestTimeout) { http in
            let handler = CampaignDispatcher(
                settings: settings, configuration: { view.current },
                touchesTopic: Namespace(launch.namespace).topic(Topics.campaignTouches), http: http,
                pool: launch.pool, logger: launch.logger)
            try await launch.run(
                handler, doors: [Topics.customerEvents.name], streams: [Topics.customerTags.name],
                outputs: [Topics.campaignTouches.name], feeds: [plans, corps],
                remarks: settings.clock == .real ? [:] : ["campaign clock": settings.clock.description])
        }
    }
}
