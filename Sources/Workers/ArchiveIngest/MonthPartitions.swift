import Postgres
import Synchronization
import WorkerRuntime

/// Sees to it that the months a batch is filed under have a partition.
final class MonthPartitions: Sendable {
    /// Months seen in the catalogue by a transaction that did not make them itself, so they are committed.
    private let known = Mutex<Set<Month>>([])

    /// Creates what is missing. Nothing is asked of the database for months already known.
    func ensure(_ months: Set<Month>, in transaction: PostgresTransaction) async throws {
        let asked = known.withLock { known in
            months.filter { Month.partitioned.contains($0) && !known.contains($0) }.sorted()
        }
        for month in asked {
            if try await Self.create(month...month, in: transaction) == 0 {
                known.withLock { _ = $0.insert(month) }
            }
        }
    }

    /// A partition was dropped behind our back: ask again.
    func forget() { known.withLock { $0.removeAll() } }

    /// - Returns: how many were missing.
    @discardableResult
    static func create(_ months: ClosedRange<Month>, in transaction: PostgresTransaction) async throws -> Int {
        let rows = try await transaction.execute(
            "SELECT archive.ensure_months($1::text::date, $2::text::date)",
            [.text(months.lowerBound.firstDay), .text(months.upperBound.firstDay)])
        return try rows.first.map { Int(try $0.decode(Int32.self, at: 0)) } ?? 0
    }
}

/// A row's partition is not there. The next attempt creates it.
struct MissingPartition: Error, Disposed, CustomStringConvertible {
    var disposition: Disposition { .retry }
    var description: String { "a month of archive.messages has no partition; asking for it again" }

    /// PostgreSQL gives this the code of a check constraint, but names the table alone. A row that a constraint or a
    /// trigger refuses is a record's fault.
    static func isCause(_ error: PostgresError) -> Bool {
        guard case .server(let report) = error else { return false }
        return report.sqlState == .checkViolation && report.constraint == nil && report.table == "messages"
    }
}
