import Synchronization
import TestSupport

/// Lets one fault after the other happen, chosen from a seed, and notes when each was.
package final class FaultSequence: Sendable {
    /// A fault that happened.
    package struct Event: Sendable {
        package var kind: String
        package var reach: Fault.Reach
        package var copies: [FleetCopies.Copy]
        package var began: ContinuousClock.Instant
        package var ended: ContinuousClock.Instant
    }

    private let faults: [Fault]
    private let happened = Mutex<[Event]>([])
    private let pause: ClosedRange<Int>
    private let seed: UInt64

    /// - Parameters:
    ///   - faults: each comes once in every round, in an order of chance; unavailable ones never.
    ///   - pause: milliseconds between two.
    package init(_ faults: [Fault], seed: UInt64, pause: ClosedRange<Int> = 1_500...4_500) {
        self.faults = faults.filter { $0.unavailable == nil }
        self.seed = seed
        self.pause = pause
    }

    package var events: [Event] { happened.withLock { $0 } }

    /// How often each kind happened.
    package var counts: [String: Int] { Dictionary(events.map { ($0.kind, 1) }, uniquingKeysWith: +) }

    /// Returns when the fault that is under way at the deadline is over.
    /// - Parameters:
    ///   - atLeast: goes on beyond the deadline until each kind has happened so often; a fault may take long.
    ///   - note: called with the kind of each fault before it happens.
    package func run(
        until deadline: ContinuousClock.Instant, atLeast: [String: Int] = [:], note: (String) -> Void = { _ in }
    ) async throws {
        var random = SeededGenerator(seed: seed)
        var round: [Fault] = []
        while true {
            try await Task.sleep(for: .milliseconds(Int.random(in: pause, using: &random)))
            if round.isEmpty { round = faults.shuffled(using: &random) }
            let counts = counts
            let isEnough = atLeast.allSatisfy { counts[$0.key, default: 0] >= $0.value }
            guard ContinuousClock.now < deadline || !isEnough, let fault = round.popLast() else { return }
            note(fault.kind)
            let began = ContinuousClock.now
            let copies = try await fault.happen(&random)
            let event = Event(
                kind: fault.kind, reach: fault.reach, copies: copies, began: began, ended: ContinuousClock.now)
            // What found nothing to happen to did not happen.
            if fault.reach == .everything || !copies.isEmpty { happened.withLock { $0.append(event) } }
        }
    }
}
