package import ArgumentParser
import Contracts

/// `scrm topics`.
package struct TopicsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "topics", abstract: "Compare a cluster with the fleet's table of topics, or make it so.",
        discussion: """
            Missing topics are created and differing settings changed. Partitions of a topic with keys are never changed in
            place: their state would stay behind. Exit code 1 when such a difference remains.

            Example: scrm topics plan --bootstrap-servers kafka:9092
            """,
        subcommands: [PlanCommand.self, ApplyCommand.self])

    package init() {}

    struct Report: Encodable {
        struct Step: Encodable {
            var topic: String
            var action: String
            var text: String
        }

        struct Refusal: Encodable {
            var topic: String
            var reason: String
        }

        var steps: [Step]
        var refused: [Refusal]
        var unchecked: [String]
        var unreplicated: [String]
        var applied: Bool
    }

    struct PlanCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "plan", abstract: "Show what apply would do; change nothing.",
            discussion: "Example: scrm topics plan --json")

        @OptionGroup var options: OperatorOptions

        func run() async throws { try await TopicsCommand.run(options, replication: nil, applies: false) }
    }

    struct ApplyCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "apply", abstract: "Create missing topics and change differing settings.",
            discussion: "Example: scrm topics apply --namespace staging --replication-factor 3")

        @Option(
            help: ArgumentHelp(
                "Copies of each partition of topics that are created; min.insync.replicas becomes one less, at least 1. "
                    + "Default: the broker's.", valueName: "number"))
        var replicationFactor: Int32?
        @OptionGroup var options: OperatorOptions

        func validate() throws {
            guard (1...32).contains(replicationFactor ?? 1) else {
                throw ValidationError("--replication-factor must be from 1 to 32, and not more than there are brokers.")
            }
        }

        func run() async throws {
            try await TopicsCommand.run(options, replication: replicationFactor, applies: true)
        }
    }

    private static func run(_ options: OperatorOptions, replication: Int32?, applies: Bool) async throws {
        let settings = try options.settings(needs: [.kafka])
        let plan = try await Cluster.with(settings) { cluster in
            let names = Topics.all.map(settings.namespace.topic)
            let plan = TopicsPlan(
                table: Topics.all, namespace: settings.namespace, cluster: try await cluster.topics(names),
                replication: replication, brokers: try await cluster.brokers())
            if applies {
                for step in plan.steps {
                    options.console.progress(step.line)
                    try await cluster.perform(step, replication: replication)
                }
                options.console.endProgress()
            }
            return plan
        }
        let report = Report(
            steps: plan.steps.map { .init(topic: $0.name, action: $0.action, text: $0.line) },
            refused: plan.refusals.map { .init(topic: $0.name, reason: $0.reason) }, unchecked: plan.unchecked,
            unreplicated: plan.unreplicated, applied: applies)
        let ending =
            plan.isEmpty ? "All \(Topics.all.count) topics are there." : applies ? "Applied." : "Nothing changed yet."
        try options.console.report(report, text: (plan.lines + [ending]).joined(separator: "\n"))
        if !plan.refusals.isEmpty { throw Outcome.failure }
    }
}

extension TopicsPlan.Step {
    fileprivate var name: String {
        switch self {
        case .create(let name, _, _), .configure(let name, _): name
        }
    }

    fileprivate var action: String {
        switch self {
        case .create: "create"
        case .configure: "configure"
        }
    }
}
