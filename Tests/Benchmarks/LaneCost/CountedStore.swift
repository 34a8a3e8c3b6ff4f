import Foundation
import LaneStorage
import Postgres
import TestSupport
import WorkerRuntime

/// Counts the records that were committed, and leaves the lane's statements out of their transactions when asked to.
struct CountedStore: LaneStoreWrapper {
    /// What was used between the first commit and the last.
    struct Use: Sendable {
        var records = 0
        var cpu = 0.0
        var seconds = 0.0
    }

    private struct Count {
        var records: Int64 = 0
        var first: (records: Int64, cpu: Double, at: ContinuousClock.Instant)?
    }

    let base: PostgresLaneStore
    let pool: PostgresPool
    let usesLanes: Bool
    private let count = Watched(Count())

    init(base: PostgresLaneStore, pool: PostgresPool, usesLanes: Bool) {
        self.base = base
        self.pool = pool
        self.usesLanes = usesLanes
    }

    /// Waits until so many records have been committed.
    func use(upTo records: Int) async throws -> Use {
        try await count.wait { count in
            guard count.records >= records, let first = count.first else { return nil }
            return Use(
                records: Int(count.records - first.records), cpu: Self.cpu - first.cpu,
                seconds: (ContinuousClock.now - first.at) / .seconds(1))
        }
    }

    func transaction<Result: Sendable>(
        _ advance: LaneAdvance, _ body: (PostgresTransaction) async throws -> Result
    ) async throws -> Result {
        let result =
            if usesLanes {
                try await base.transaction(advance, body)
            } else {
                try await pool.withTransaction { transaction in try await body(transaction) }
            }
        add([advance])
        return result
    }

    func transaction<Result: Sendable>(
        together advances: [LaneAdvance], _ body: (PostgresTransaction) async throws -> Result
    ) async throws -> Result {
        let result =
            if usesLanes {
                try await base.transaction(together: advances, body)
            } else {
                try await pool.withTransaction { transaction in try await body(transaction) }
            }
        add(advances)
        return result
    }

    private func add(_ advances: [LaneAdvance]) {
        let steps = advances.flatMap(\.offsets.values)
        let records = steps.reduce(0) { $0 + ($1.from.map { [to = $1.to] in to - $0 } ?? 0) }
        count.update { count in
            count.records += records
            if count.first == nil, records > 0 { count.first = (count.records, Self.cpu, .now) }
        }
    }

    /// Seconds this process has computed.
    private static var cpu: Double { Double(clock()) / Double(CLOCKS_PER_SEC) }
}
