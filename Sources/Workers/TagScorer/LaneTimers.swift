import Contracts
import CoreMetrics
import Foundation
import Postgres
import Records
import Synchronization
import TagScoring
import WorkerRuntime

/// Looks again at the customers of a lane whose tags may change by the clock alone, and at all of them under new rules.
///
/// A timer is the column `due_at`, set in the transaction that scored the customer: scoring it again sets the next one, so
/// each fires once, whoever owns the lane then. A repetition finds nothing to change.
struct LaneTimers: Sendable {
    /// Customers scored in one transaction.
    private static let page: Int64 = 200
    /// A timer waits for the lag no longer than this.
    private static let maximumWait = Duration.seconds(300)

    let lane: LaneSession<PostgresTransaction>
    let pool: PostgresPool
    let settings: TagScorerSettings
    let tagsTopic: String
    let rules: @Sendable () -> [String: TagRuleSet]

    /// Until the lane is given up (cancelled).
    func run() async throws {
        var scored: [String: String] = [:]
        while true {
            let rules = rules()
            for (corpID, set) in rules.sorted(by: { $0.key < $1.key }) where scored[corpID] != set.version {
                let outdated = CustomerStore.outdated(lane.lane, corpID, set.version, limit: Self.page)
                while try await look(outdated, under: rules) > 0 {}
                scored[corpID] = set.version
            }
            let moment = Self.now
            let due = CustomerStore.due(lane.lane, until: moment, limit: Self.page)
            if try await !pool.execute(due.0, due.1).isEmpty {
                // What cancels them may wait in the lag.
                _ = try await lane.catchUp(within: Self.maximumWait)
                var fired = Self.page
                while fired == Self.page {
                    fired = try await look(due, under: rules)
                    TagScorerMetrics.timers.increment(by: fired)
                }
            }
            try await Task.sleep(for: settings.timerInterval)
        }
    }

    /// Scores the customers that a statement finds, by the rules that it asks about: newer ones come with the next round.
    /// - Returns: how many.
    private func look(_ selection: Statement, under rules: [String: TagRuleSet]) async throws -> Int64 {
        // Without a lock at first: mostly there is nothing.
        if try await pool.execute(selection.0, selection.1).isEmpty { return 0 }
        let count = Mutex<Int64>(0)
        try await lane.transaction { transaction in
            let keys = try CustomerStore.keys(try await transaction.execute(selection.0, selection.1))
            count.withLock { $0 = Int64(keys.count) }
            guard !keys.isEmpty else { return .none }
            let scoring = CustomerScoring(rules: rules, now: Self.now)
            let lanes = Dictionary(uniqueKeysWithValues: keys.map { ($0, lane.lane) })
            let changes = try await scoring.score(lanes, in: transaction)
            return Effects(outbox: try changes.map { try $0.record(topic: tagsTopic) })
        }
        return count.withLock { $0 }
    }

    private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}
