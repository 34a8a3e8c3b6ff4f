import ArgumentParser
import Contracts
import Foundation

/// The options that choose dead letters.
struct LetterFilter: ParsableArguments, Sendable {
    @Option(help: ArgumentHelp("Only this worker's.", valueName: "name"))
    var worker: String?
    @Option(help: ArgumentHelp("Only those with this error, as malformed_json.", valueName: "word"))
    var error: String?
    @Option(help: ArgumentHelp("Only those since then: 24h, 2025-03-10, or a moment in ISO 8601.", valueName: "time"))
    var since: String?
    @Option(help: ArgumentHelp("Only those before then.", valueName: "time"))
    var until: String?
    @Option(
        help: ArgumentHelp("Only those of this key: the worker's (see `scrm keys list`) or the record's."))
    var key: String?
    @Option(help: ArgumentHelp("Only those judged under this version of the rules.", valueName: "version"))
    var ruleVersion: String?
    @Option(
        name: .customLong("id"),
        help: ArgumentHelp("Only this one; repeatable; needs --worker.", valueName: "number"))
    var ids: [Int64] = []

    func validate() throws {
        if !ids.isEmpty, worker == nil { throw ValidationError("--id needs --worker: each worker numbers its own.") }
        for (name, moment) in [("--since", since), ("--until", until)] {
            guard let moment else { continue }
            guard Instant.milliseconds(moment, now: 0) != nil else {
                throw ValidationError("\(name) takes 30m, 24h, 7d, a date as 2025-03-10, or a moment in ISO 8601.")
            }
        }
    }

    /// In the order of the pipeline.
    var schemas: [Schema] {
        get throws { try worker.map { [try Schema(worker: $0)] } ?? Schema.pipeline }
    }

    var selection: LetterSelection {
        var selection = LetterSelection()
        selection.error = error
        selection.since = since
        selection.until = until
        selection.key = key
        selection.ruleVersion = ruleVersion
        selection.ids = ids
        return selection
    }
}

extension Instant {
    static var now: Int64 { Int64(Date.now.timeIntervalSince1970 * 1000) }
}
