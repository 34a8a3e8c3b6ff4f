import ArgumentParser
import Contracts
import Postgres

/// `scrm dead-letters show`.
struct DeadLettersShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one dead letter whole, and what was done about it.",
        discussion: "Example: scrm dead-letters show archive-ingest 17 --show-value")

    @Argument(help: "The worker, as archive-ingest.")
    var worker: String
    @Argument(help: "Its number, as `scrm dead-letters list` says.")
    var id: Int64
    @Flag(help: "Print key, headers and value too. They may hold what customers wrote.")
    var showValue = false
    @OptionGroup var options: OperatorOptions

    struct Report: Encodable {
        struct Header: Encodable {
            var name: String
            var value: String?
            var valueBase64: String?
        }

        /// Something an operator asked for.
        struct Action: Encodable {
            var operation: Int64
            var action: String
            var askedBy: String
            var reason: String
            var askedAt: String
            /// `nil` while it waits.
            var outcome: String?
            var detail: String?
        }

        /// `nil` when it is gone; what was done about it stays.
        var letter: DeadLetterEntry?
        var recordTime: String?
        var key: String?
        var headers: [Header]?
        var actions: [Action]
    }

    func run() async throws {
        let schema = try Schema(worker: worker)
        let settings = try options.settings(needs: [.database])
        let report = try await FleetDatabases.with(settings) { try await read(schema, $0) }
        guard report.letter != nil || !report.actions.isEmpty else {
            throw OperatorFailure(.failure, "\(schema.program) has no dead letter \(id).")
        }
        try options.console.report(report, text: text(report))
    }

    private func read(_ schema: Schema, _ databases: FleetDatabases) async throws -> Report {
        var selection = LetterSelection()
        selection.ids = [id]
        var report = Report(
            letter: try await DeadLetterEntry.read(schema, selection, limit: 1, withValue: showValue, databases).first,
            actions: try await actions(schema, databases))
        let rows = try await databases.query(
            schema,
            "SELECT record_time, key, header_names, header_values FROM \(schema.rawValue).dead_letters WHERE id = $1",
            [.int64(id)])
        guard let row = rows.first else { return report }
        let (time, key, names, values) = try row.decode(
            PostgresTimestamp?.self, [UInt8]?.self, [String].self, [[UInt8]?].self)
        report.recordTime = time.map { Instant.text($0.milliseconds) }
        guard showValue else { return report }
        report.key = key.map { String(decoding: $0, as: UTF8.self) }
        report.headers = zip(names, values).map { name, value in
            let shown = value.map(DeadLetterEntry.shown)
            return .init(name: name, value: shown?.text, valueBase64: shown?.base64)
        }
        return report
    }

    private func actions(_ schema: Schema, _ databases: FleetDatabases) async throws -> [Report.Action] {
        try await databases.query(
            schema,
            """
            SELECT operation.id, request.action, operation.asked_by, operation.reason, request.requested_at,
                request.outcome, request.detail
            FROM \(schema.rawValue).requests AS request
            JOIN \(schema.rawValue).operations AS operation ON operation.id = request.operation
            WHERE request.dead_letter = $1 ORDER BY request.id
            """, [.int64(id)]
        ).map { row in
            let (operation, action, by, reason, at, outcome, detail) = try row.decode(
                Int64.self, String.self, String.self, String.self, PostgresTimestamp.self, String?.self, String?.self)
            return Report.Action(
                operation: operation, action: action, askedBy: by, reason: reason,
                askedAt: Instant.text(at.milliseconds), outcome: outcome, detail: detail)
        }
    }

    private func text(_ report: Report) -> String {
        var lines: [String] = []
        if let letter = report.letter {
            lines = [
                "\(letter.worker) \(letter.id): \(letter.topic)[\(letter.partition)]@\(letter.offset), lane \(letter.lane)",
                "error     \(letter.reason): \(letter.detail)",
                "attempts  \(letter.attempts), first \(letter.createdAt)",
                "record    \(report.recordTime ?? "without a time")",
                "rules     \(letter.ruleVersion ?? "–")",
                "key       \(letter.handlerKey ?? "unknown")",
            ]
            if let key = report.key { lines.append("record's key  \(key)") }
            lines += (report.headers ?? []).map { "header    \($0.name): \($0.value ?? $0.valueBase64 ?? "null")" }
            if let value = letter.value ?? letter.valueBase64 { lines.append("value     \(value)") }
        } else {
            lines = ["\(worker) \(id): gone"]
        }
        lines += report.actions.map { action in
            "\(action.askedAt)  \(action.action) by \(action.askedBy) (\(action.reason)): \(action.outcome ?? "waits")"
                + (action.detail.map { ", \($0)" } ?? "")
        }
        return lines.joined(separator: "\n")
    }
}
