import Alerting
import Logging
import Postgres
import Synchronization

/// Sends what is due in one lane, one task per target, so that no target waits for another.
struct LaneDeliveries: Sendable {
    /// Targets served at the same time.
    private static let maximumTargets = 16

    let lane: Int32
    let pool: PostgresPool
    let bell: DeliveryBell
    let pollInterval: Duration
    let sender: TargetSender
    let logger: Logger

    private struct State {
        var busy: Set<DeliveryTarget> = []
        /// Targets whose budget is used up, or that asked for a pause: not before then.
        var held: [DeliveryTarget: ContinuousClock.Instant] = [:]
    }

    /// Until the lane is given up (cancelled).
    func run() async throws {
        let state = Shared(Mutex(State()))
        try await bell.listen(lane: lane) { wakes, continuation in
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask {
                    while true {
                        try await Task.sleep(for: pollInterval)
                        continuation.yield(.tick)
                    }
                }
                for await wake in wakes {
                    var found = try await serve(state, in: &group, continuation)
                    // The batch that rang has not committed yet, perhaps.
                    var pause = Duration.milliseconds(5)
                    while wake == .rung, !found, pause < .milliseconds(100) {
                        try await Task.sleep(for: pause)
                        pause *= 2
                        found = try await serve(state, in: &group, continuation)
                    }
                }
                // The stream ends by cancellation, with this scope, or with a target's task, whose error is thrown then.
                try Task.checkCancellation()
            }
        }
    }

    /// Starts a task for each target that has something due and is not being served. `false` when there is none.
    private func serve(
        _ state: Shared, in group: inout ThrowingDiscardingTaskGroup<any Error>,
        _ wakes: AsyncStream<DeliveryBell.Wake>.Continuation
    ) async throws -> Bool {
        let due: [DeliveryTarget]
        do {
            due = try await DeliveryStore.dueTargets(lane: lane, pool: pool)
        } catch let error as PostgresError where error != .cancelled {
            // The runtime tells of a database that is away, and of its return.
            logger.debug("Cannot look for due deliveries", metadata: ["error": "\(error)"])
            return true
        }
        let now = ContinuousClock.now
        let ready = state.mutex.withLock { state in
            var ready: [DeliveryTarget] = []
            for target in due where state.busy.count < Self.maximumTargets {
                if let held = state.held[target], held > now { continue }
                if state.busy.insert(target).inserted { ready.append(target) }
            }
            state.held = state.held.filter { $0.value > now }
            return ready
        }
        for target in ready {
            group.addTask {
                let hold: Duration?
                do {
                    hold = try await sender.sendAllDue(target)
                } catch {
                    wakes.finish()
                    throw error
                }
                state.mutex.withLock { state in
                    state.busy.remove(target)
                    if let hold { state.held[target] = ContinuousClock.now + hold }
                }
                if hold == nil { wakes.yield(.tick) }
            }
        }
        return !ready.isEmpty
    }

    /// Gives the tasks of the group one state to share.
    private final class Shared: Sendable {
        let mutex: Mutex<State>
        init(_ mutex: consuming Mutex<State>) { self.mutex = mutex }
    }
}
