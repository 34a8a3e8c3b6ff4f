import ArgumentParser
import Contracts
import SensitiveWordMonitor
import WorkerHost

@main
struct App: WorkerCommand {
    static let configuration = CommandConfiguration(
        commandName: Programs.sensitiveWordMonitor,
        abstract: "Finds sensitive words in archived messages and raises alerts.",
        discussion: """
            Consumes \(Topics.chatMessages.name); publishes \(Topics.alerts.name).

            OWN SETTINGS
              --set \(MonitorSettings.maximumAlertAge.key)=24h, or \(MonitorSettings.maximumAlertAge.environment)
                \(MonitorSettings.maximumAlertAge.help)
              --set \(MonitorSettings.contextLines.key)=5, or \(MonitorSettings.contextLines.environment)
                \(MonitorSettings.contextLines.help)
              --set \(MonitorSettings.contextAge.key)=2h, or \(MonitorSettings.contextAge.environment)
                \(MonitorSettings.contextAge.help)

            EXAMPLE
              sensitive-word-monitor --bootstrap-servers localhost:9092 \\
                --database-url postgres://scrm_monitor@localhost/scrm --http-address 0.0.0.0:8080

            \(ExitStatus.help)
            """)

    @OptionGroup var options: WorkerOptions

    func run() async throws {
        var settings = options.reader(adding: MonitorSettings.all)
        let own = MonitorSettings(&settings)
        let launch = try await Launch(
            program: Programs.sensitiveWordMonitor, schema: Schema.monitor.rawValue, settings: settings)
        let rules = launch.feed(
            kind: RulesConfiguration.kind, topic: Topics.rules.name, compile: MonitorConfiguration.rules)
        let directory = launch.feed(
            kind: DirectoryConfiguration.kind, topic: Topics.directory.name, compile: MonitorConfiguration.departments)
        let handler = SensitiveWordMonitor(
            alertsTopic: Namespace(launch.namespace).topic(Topics.alerts), maximumAlertAge: own.maximumAlertAge,
            context: own.context,
            configuration: {
                MonitorConfiguration(rules: rules.current.values.values, directory: directory.current.values.values)
            })
        try await launch.run(
            handler, streams: [Topics.chatMessages.name],
            outputs: Topics.published(by: Programs.sensitiveWordMonitor).map(\.name), feeds: [rules, directory])
    }
}
