package import ArgumentParser
import Contracts

/// `scrm drain`.
package struct DrainCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "drain", abstract: "Wait until every worker has caught up and every alert is delivered.",
        discussion: """
            Looks at the workers in the order in which a message passes through them: a live copy, no record between its
            offsets and the ends of its topics, an empty outbox, no open delivery. Exit code 3 when the time is over.

            Example: scrm drain --timeout 120
            """)

    @Option(help: ArgumentHelp("Seconds to wait.", valueName: "seconds"))
    var timeout: Int = 60
    @Option(help: ArgumentHelp("Only this worker; repeatable.", valueName: "name"))
    var worker: [String] = []
    @OptionGroup var options: OperatorOptions

    package init() {}

    package mutating func validate() throws {
        guard (0...86_400).contains(timeout) else {
            throw ValidationError("--timeout must be from 0 to 86400 seconds.")
        }
    }

    struct Report: Encodable {
        var drained: Bool
        var workers: [DrainState.Worker]
    }

    package func run() async throws {
        let wanted = try worker.map { try Schema(worker: $0) }
        let schemas = Schema.pipeline.filter { wanted.isEmpty || wanted.contains($0) }
        let settings = try options.settings(needs: [.kafka, .database])
        let console = options.console
        let state = try await FleetDatabases.with(settings) { databases in
            try await Cluster.with(settings) { cluster in
                let look = DrainLook(databases: databases, cluster: cluster, namespace: settings.namespace)
                var last = DrainState(workers: [], expected: schemas.count)
                _ = try await Waiting(timeout: .seconds(timeout)).first { () -> Bool? in
                    last = try await look.state(of: schemas)
                    console.progress(last.workers.last?.text ?? "")
                    return last.isDone ? true : nil
                }
                console.endProgress()
                return last
            }
        }
        try console.report(Report(drained: state.isDone, workers: state.workers), text: state.text)
        if !state.isDone { throw Outcome.notReached }
    }
}
