import Contracts
import Foundation
package import Postgres

/// Which dead letters of a worker are meant. Pure.
package struct LetterSelection: Sendable, Equatable {
    /// The fixed word of what was wrong.
    package var error: String?
    /// As typed; see ``Instant``.
    package var since: String?
    package var until: String?
    /// The handler's key, or the record's own.
    package var key: String?
    package var ruleVersion: String?
    /// Empty for any.
    package var ids: [Int64] = []

    package init() {}

    package var isEverything: Bool { self == LetterSelection() }

    /// The same selection gives the same text: an interrupted operation is found by it.
    package var text: String {
        var parts: [String: String] = [:]
        parts["error"] = error
        parts["since"] = since
        parts["until"] = until
        parts["key"] = key
        parts["rule_version"] = ruleVersion
        if !ids.isEmpty { parts["ids"] = Set(ids).sorted().map(String.init).joined(separator: ",") }
        // Strings only, so it can be encoded.
        return (try? Console.encode(parts)) ?? ""
    }

    /// A condition on the columns of `dead_letters` with its values, which begin at `$<first>`.
    /// - Parameter now: what relative moments are counted from, milliseconds UTC.
    package func condition(from first: Int, now: Int64) -> (sql: String, binds: [PostgresValue]) {
        let moments = [since, until].map { $0.flatMap { Instant.milliseconds($0, now: now) } }
        let sql = """
            ($\(first)::text IS NULL OR reason = $\(first))
              AND ($\(first + 1)::timestamptz IS NULL OR created_at >= $\(first + 1))
              AND ($\(first + 2)::timestamptz IS NULL OR created_at < $\(first + 2))
              AND ($\(first + 3)::bytea IS NULL OR handler_key = $\(first + 3) OR key = $\(first + 3))
              AND ($\(first + 4)::text IS NULL OR rule_version = $\(first + 4))
              AND (cardinality($\(first + 5)::bigint[]) = 0 OR id = ANY ($\(first + 5)))
            """
        return (
            sql,
            [
                PostgresValue(text: error), PostgresValue(timestampMilliseconds: moments[0]),
                PostgresValue(timestampMilliseconds: moments[1]), PostgresValue(bytes: key.map { Array($0.utf8) }),
                PostgresValue(text: ruleVersion), .int64Array(ids),
            ]
        )
    }
}
