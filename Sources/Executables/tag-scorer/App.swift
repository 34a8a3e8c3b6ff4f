import ArgumentParser
import Contracts
import TagScorer
import TagScoring
import WorkerHost

@main
struct App: WorkerCommand {
    static let configuration = CommandConfiguration(
        commandName: Programs.tagScorer,
        abstract: "Gives customers tags by what they do, and takes them away again.",
        discussion: """
            Consumes \(Topics.customerEvents.name); publishes \(Topics.customerTags.name).

            OWN SETTINGS
              --set \(TagScorerSettings.timerIntervalSetting.key)=500, or \
            \(TagScorerSettings.timerIntervalSetting.environment)
                \(TagScorerSettings.timerIntervalSetting.help)

            EXAMPLE
              tag-scorer --bootstrap-servers localhost:9092 \\
                --database-url postgres://scrm_tagging@localhost/scrm --http-address 0.0.0.0:8080

            \(ExitStatus.help)
            """)

    @OptionGroup var options: WorkerOptions

    func run() async throws {
        var settings = options.reader(adding: TagScorerSettings.all)
        let own = TagScorerSettings(&settings)
        let launch = try await Launch(
            program: Programs.tagScorer, schema: Schema.tagging.rawValue, settings: settings)
        let rules = launch.feed(
            kind: TagRulesConfiguration.kind, topic: Topics.tagRules.name, compile: TagRuleSet.compile)
        let view = FeedView(of: [rules]) {
            Dictionary(rules.current.values.values.map { ($0.corpID, $0) }) { _, last in last }
        }
        let handler = TagScorer(
            tagsTopic: Namespace(launch.namespace).topic(Topics.customerTags), settings: own, pool: launch.pool,
            rules: { view.current })
        // A door and streams of the fleet in one: records from outside carry no number and are all let in.
        try await launch.run(
            handler, streams: [Topics.customerEvents.name],
            outputs: Topics.published(by: Programs.tagScorer).map(\.name), feeds: [rules])
    }
}
