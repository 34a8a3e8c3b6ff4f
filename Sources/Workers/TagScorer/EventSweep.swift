import Foundation
import Postgres
import Synchronization
import TagScoring
import WorkerRuntime

/// Forgets events that no rule can ask for any more, now and then.
struct EventSweep: Sendable {
    private static let pause = Duration.seconds(600)
    private static let page: Int64 = 2_000
    /// Repetitions are recognised for so long at least.
    private static let minimumAge: Int64 = 35 * 86_400_000

    let lane: LaneSession<PostgresTransaction>
    let rules: @Sendable () -> [String: TagRuleSet]

    func run() async throws {
        while true {
            try await Task.sleep(for: Self.pause)
            let sets = rules().values
            let now = Int64(Date().timeIntervalSince1970 * 1000)
            let oldest = now - max(Self.minimumAge, sets.map(\.horizon).max() ?? 0)
            let more = Mutex(true)
            while more.withLock({ $0 }) {
                try await lane.transaction { transaction in
                    let deleted = try await EventStore.sweep(before: oldest, limit: Self.page, in: transaction)
                    more.withLock { $0 = deleted == Int(Self.page) }
                    return .none
                }
            }
        }
    }
}
