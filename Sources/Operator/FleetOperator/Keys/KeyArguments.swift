import ArgumentParser
import Contracts

/// What `park` and `unpark` have in common.
struct KeyArguments: ParsableArguments, Sendable {
    @Argument(help: "The worker, as archive-ingest.")
    var worker: String
    @Argument(help: "The worker's key, as `scrm keys list` and `scrm dead-letters show` print it.")
    var key: String
    @OptionGroup(title: "How") var change: ChangeOptions
    @OptionGroup var options: OperatorOptions

    func validate() throws {
        guard (1...1_000).contains(key.utf8.count) else { throw ValidationError("A key has 1 to 1000 bytes.") }
    }

    struct Report: Encodable {
        var worker: String
        var action: String
        var key: String
        /// Lanes that were asked; in a dry run, would be.
        var lanes: [Int32]
        var finished: Bool
        var requests: RequestTally
    }

    func perform(_ action: KeyOperation.Action) async throws {
        let schema = try Schema(worker: worker)
        let settings = try options.settings(needs: [.database])
        try await FleetDatabases.with(settings) { databases in
            let operation = KeyOperation(action: action, key: Array(key.utf8), schema: schema, databases: databases)
            var report = Report(
                worker: schema.program, action: action.rawValue, key: key, lanes: try await operation.lanes(),
                finished: false, requests: RequestTally())
            if change.dryRun { return try options.console.report(report, text: text(report)) }
            guard let id = try await operation.ask(who: change.who, reason: change.reason, selection: key) else {
                report.finished = true
                return try options.console.report(report, text: "nothing to do")
            }
            let watch = RequestWatch(
                operation: id, schema: schema, databases: databases, patience: .seconds(change.timeout),
                console: options.console)
            (report.requests, report.finished) = try await watch.run()
            try options.console.report(report, text: text(report))
            if !report.finished { throw try await watch.reproach() }
            try await operation.finish(id)
            if !report.requests.isClean { throw Outcome.partial }
        }
    }

    private func text(_ report: Report) -> String {
        if report.lanes.isEmpty { return "nothing to do" }
        let lanes = "\(report.lanes.count) lane\(report.lanes.count == 1 ? "" : "s")"
        return change.dryRun ? "would \(report.action) in \(lanes)" : "\(lanes): \(report.requests.text)"
    }
}
