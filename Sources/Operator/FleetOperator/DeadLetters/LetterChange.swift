import ArgumentParser
import Contracts
import Postgres

/// What `redrive` and `discard` have in common: selecting, showing, asking at a rate, waiting.
struct LetterChange {
    let action: LetterOperation.Action
    let filter: LetterFilter
    let change: ChangeOptions
    let rate: Int
    let options: OperatorOptions

    struct Report: Encodable {
        var worker: String
        var action: String
        var operation: Int64
        /// An interrupted operation went on.
        var resumed: Bool
        var finished: Bool
        var requests: RequestTally
    }

    /// What a dry run prints: dead letters of one worker and error.
    struct Group: Encodable {
        var worker: String
        var reason: String
        var deadLetters: Int64
        var firstId: Int64
        var lastId: Int64
    }

    func run() async throws {
        let schemas = try filter.schemas
        let settings = try options.settings(needs: [.database])
        try await FleetDatabases.with(settings) { databases in
            if change.dryRun {
                try await show(schemas, databases)
            } else {
                try await perform(schemas, databases)
            }
        }
    }

    private func show(_ schemas: [Schema], _ databases: FleetDatabases) async throws {
        var groups: [Group] = []
        for schema in schemas {
            let condition = filter.selection.condition(from: 1, now: Instant.now)
            let rows = try await databases.query(
                schema,
                """
                SELECT reason, count(*), min(id), max(id) FROM \(schema.rawValue).dead_letters WHERE \(condition.sql)
                GROUP BY reason ORDER BY reason
                """, condition.binds)
            for row in rows {
                let (reason, count, first, last) = try row.decode(String.self, Int64.self, Int64.self, Int64.self)
                groups.append(
                    Group(worker: schema.program, reason: reason, deadLetters: count, firstId: first, lastId: last))
            }
        }
        var table = TextTable(header: ["WORKER", "ERROR", "WOULD \(action.rawValue.uppercased())", "IDS"])
        for group in groups {
            table.append([group.worker, group.reason, "\(group.deadLetters)", "\(group.firstId)–\(group.lastId)"])
        }
        try options.console.report(groups, text: groups.isEmpty ? "nothing to do" : table.text)
    }

    private func perform(_ schemas: [Schema], _ databases: FleetDatabases) async throws {
        var reports: [Report] = []
        var reproach: OperatorFailure?
        for schema in schemas {
            let operation = try await LetterOperation(
                action, filter.selection, who: change.who, reason: change.reason, schema: schema, databases: databases)
            if operation.isResumed {
                options.console.note("\(schema.program): going on with operation \(operation.id), which is unfinished")
            }
            let watch = RequestWatch(
                operation: operation.id, schema: schema, databases: databases, patience: .seconds(change.timeout),
                console: options.console)
            let (tally, isFinished) = try await ask(operation, watch)
            if isFinished { try await operation.finish() } else { reproach = try await watch.reproach() }
            reports.append(
                Report(
                    worker: schema.program, action: action.rawValue, operation: operation.id,
                    resumed: operation.isResumed, finished: isFinished, requests: tally))
        }
        try options.console.report(
            reports, text: reports.map { "\($0.worker): \($0.requests.text)" }.joined(separator: "\n"))
        if let reproach { throw reproach }
        if !reports.allSatisfy(\.requests.isClean) { throw Outcome.partial }
    }

    /// Asks at the rate, but for no more than one second's worth ahead of what gets done.
    private func ask(
        _ operation: LetterOperation, _ watch: RequestWatch
    ) async throws -> (tally: RequestTally, isFinished: Bool) {
        let pace = Pace(rate: rate)
        let began = ContinuousClock.now
        var sent = 0
        var isThrough = false
        return try await watch.run { tally in
            while !isThrough, tally.waiting < rate, pace.delay(sent: sent, elapsed: .now - began) == .zero {
                guard let count = try await operation.askForMore(pace.portion) else {
                    isThrough = true
                    // What was asked for last is not in the tally.
                    return true
                }
                sent += count
                if count == 0 { continue }
                return true
            }
            return !isThrough
        }
    }
}

extension ContinuousClock.Instant {
    fileprivate static func - (left: Self, right: Self) -> Duration { right.duration(to: left) }
}
