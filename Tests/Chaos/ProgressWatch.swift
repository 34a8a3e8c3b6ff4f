import Contracts
import FleetHarness
import Foundation
import Postgres
import Synchronization
import TestSupport

/// Looks at the lanes while faults happen: when each went on, under which epoch, and who held it.
final class ProgressWatch: Sendable {
    struct Lane: Hashable, Sendable {
        var schema: Schema
        var number: Int32
    }

    /// The lane had been seen to move on.
    struct Step: Sendable {
        var at: ContinuousClock.Instant
        var epoch: Int64
    }

    struct Holding: Sendable {
        var at: ContinuousClock.Instant
        var lanes: [String: Set<Lane>]
    }

    private struct Seen {
        var steps: [Lane: [Step]] = [:]
        var positions: [Lane: Int64] = [:]
        var holdings: [Holding] = []
    }

    private let fleet: TestFleet
    private let seen = Mutex(Seen())
    /// The workers whose every lane always has something to do while messages flow.
    private static let schemas: [Schema] = [.archive, .monitor]

    init(_ fleet: TestFleet) { self.fleet = fleet }

    /// Looks every 100 ms until cancelled. Past the proxy; while the server itself is away nothing is seen.
    func run() async throws {
        try await fleet.database.withPool(size: 1) { pool in
            while true {
                do {
                    try await look(pool)
                } catch is PostgresError {
                    // Away for a moment, as everything.
                }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private func look(_ pool: PostgresPool) async throws {
        let rows = try await pool.execute(
            Self.schemas.map {
                """
                SELECT '\($0.rawValue)', lane, epoch, coalesce(sum(next_offset), 0)::bigint
                FROM \($0.rawValue).lanes JOIN \($0.rawValue).offsets USING (lane) GROUP BY lane, epoch
                """
            }.joined(separator: " UNION ALL "))
        let holders = try await pool.execute(
            Self.schemas.map {
                """
                SELECT '\($0.rawValue)', instance, jsonb_array_elements_text(status -> 'lanes')::integer
                FROM \($0.rawValue).heartbeats WHERE beat_at > now() - interval '8 s'
                """
            }.joined(separator: " UNION ALL "))
        let now = ContinuousClock.now
        var holding = Holding(at: now, lanes: [:])
        for row in holders {
            let (schema, instance, lane) = try row.decode(String.self, String.self, Int32.self)
            guard let schema = Schema(rawValue: schema) else { continue }
            holding.lanes[instance, default: []].insert(Lane(schema: schema, number: lane))
        }
        let steps = try rows.map { try $0.decode(String.self, Int32.self, Int64.self, Int64.self) }
        seen.withLock { seen in
            for (schema, number, epoch, position) in steps {
                guard let schema = Schema(rawValue: schema) else { continue }
                let lane = Lane(schema: schema, number: number)
                if seen.positions.updateValue(position, forKey: lane) != position {
                    seen.steps[lane, default: []].append(Step(at: now, epoch: epoch))
                }
            }
            if seen.holdings.last?.lanes != holding.lanes { seen.holdings.append(holding) }
        }
    }

    // MARK: What it means

    /// - Parameter end: when the last message was sent; what stands still afterwards has nothing to do.
    func summary(of events: [FaultSequence.Event], until end: ContinuousClock.Instant) -> LaneSummary {
        let seen = seen.withLock { $0 }
        var summary = LaneSummary()
        var disturbances: [Lane: [(ContinuousClock.Instant, ContinuousClock.Instant)]] = [:]
        var general: [(ContinuousClock.Instant, ContinuousClock.Instant)] = []
        for event in events {
            switch event.reach {
            // Clients come back with a growing pause between their attempts.
            case .everything: general.append((event.began, event.ended + .seconds(8)))
            case .copies:
                for lane in Self.lanes(of: event.copies, at: event.began, in: seen.holdings) {
                    let steps = seen.steps[lane, default: []]
                    let epoch = steps.last { $0.at <= event.began }?.epoch ?? 0
                    let taken = steps.first { $0.at > event.began && $0.epoch > epoch }
                    disturbances[lane, default: []].append((event.began, taken?.at ?? event.ended + .seconds(15)))
                    let isAlone = event.kind == "kill" || event.kind == "freeze" || event.kind == "terminate"
                    if isAlone, let taken, taken.at < end { summary.takeOvers.append(taken.at - event.began) }
                }
            }
        }
        for (lane, steps) in seen.steps {
            for (from, to) in zip(steps, steps.dropFirst()) where to.at < end {
                let others = general + disturbances[lane, default: []]
                if others.contains(where: { $0.0 < to.at && from.at < $0.1 }) { continue }
                summary.longestPause = max(summary.longestPause, to.at - from.at)
            }
        }
        return summary
    }

    /// What the copies held, as far as their heartbeats of the last ten seconds tell.
    private static func lanes(
        of copies: [FleetCopies.Copy], at moment: ContinuousClock.Instant, in holdings: [Holding]
    ) -> Set<Lane> {
        let before = holdings.filter { $0.at <= moment }
        let recent = before.filter { moment - $0.at < .seconds(10) } + before.suffix(1)
        return recent.reduce(into: []) { lanes, holding in
            for copy in copies { lanes.formUnion(holding.lanes[copy.instance, default: []]) }
        }
    }
}

/// How long lanes stood still.
struct LaneSummary: Sendable {
    /// Of a lane whose owner was hit by nothing and while nothing was wrong for all.
    var longestPause = Duration.zero
    /// From the fault of a lane's owner to the first batch of the next.
    var takeOvers: [Duration] = []
}
