import Contracts
import Postgres

/// What became of the requests of one operation.
package struct RequestTally: Sendable, Equatable, Encodable {
    package var asked = 0
    package var waiting = 0
    package var done = 0
    /// None of the worker's business any more: gone without an effect.
    package var skipped = 0
    /// Somebody else was faster.
    package var gone = 0
    package var failed = 0
    package var refused = 0

    package init() {}

    /// Everything that was asked for was done.
    package var isClean: Bool { failed == 0 && refused == 0 }

    package var text: String {
        let parts = [
            (done, "done"), (skipped, "skipped"), (gone, "gone already"), (failed, "failed again"),
            (refused, "refused"), (waiting, "waiting"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return parts.isEmpty ? "nothing to do" : parts.joined(separator: ", ")
    }

    static func read(
        _ operation: Int64, _ schema: Schema, _ databases: FleetDatabases
    ) async throws -> RequestTally {
        let rows = try await databases.query(
            schema,
            """
            SELECT coalesce(outcome, 'waiting'), count(*) FROM \(schema.rawValue).requests WHERE operation = $1 GROUP BY 1
            """, [.int64(operation)])
        var tally = RequestTally()
        for row in rows {
            let (word, many) = try row.decode(String.self, Int64.self)
            let count = Int(many)
            tally.asked += count
            switch word {
            case "waiting": tally.waiting = count
            case "done": tally.done = count
            case "skipped": tally.skipped = count
            case "gone": tally.gone = count
            case "refused": tally.refused = count
            default: tally.failed += count
            }
        }
        return tally
    }
}
