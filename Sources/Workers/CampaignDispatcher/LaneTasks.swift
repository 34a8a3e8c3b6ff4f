import Logging
import Postgres
import Synchronization

/// Makes and follows the tasks of one lane, one task per employee, so that no employee waits for another.
struct LaneTasks: Sendable {
    /// Employees served at the same time.
    private static let maximumSenders = 8

    let lane: Int32
    let pool: PostgresPool
    let pollInterval: Duration
    let sender: TaskSender
    let logger: Logger

    private struct State {
        var busy: Set<Sender> = []
        var held: [Sender: ContinuousClock.Instant] = [:]
    }

    /// Until the lane is given up (cancelled).
    func run() async throws {
        let state = Shared(Mutex(State()))
        try await withThrowingDiscardingTaskGroup { senders in
            // The error of a sender cancels the group, and is thrown once this loop has ended.
            while !senders.isCancelled {
                for due in try await look(state) {
                    senders.addTask { try await serve(due, state) }
                }
                try await Task.sleep(for: pollInterval)
            }
        }
        try Task.checkCancellation()
    }

    private func serve(_ due: Sender, _ state: Shared) async throws {
        var hold: Duration?
        do {
            hold = try await sender.serve(due)
        } catch let error as PostgresError where error != .cancelled {
            // Outside the lane's transactions: the runtime tells of a database that is away.
            logger.debug("A sender waits for the database", metadata: ["error": "\(error)"])
            hold = .seconds(1)
        }
        let pause = hold
        state.mutex.withLock { state in
            state.busy.remove(due)
            if let pause { state.held[due] = ContinuousClock.now + pause }
        }
    }

    /// Employees with something due who are neither served nor held.
    private func look(_ state: Shared) async throws -> [Sender] {
        let due: [Sender]
        do {
            due = try await TaskStore.dueSenders(lane: lane, pool: pool)
        } catch let error as PostgresError where error != .cancelled {
            logger.debug("Cannot look for due tasks", metadata: ["error": "\(error)"])
            return []
        }
        let now = ContinuousClock.now
        return state.mutex.withLock { state in
            state.held = state.held.filter { $0.value > now }
            var ready: [Sender] = []
            for sender in due where state.busy.count < Self.maximumSenders && state.held[sender] == nil {
                if state.busy.insert(sender).inserted { ready.append(sender) }
            }
            return ready
        }
    }

    /// Gives the tasks one state to share.
    private final class Shared: Sendable {
        let mutex: Mutex<State>
        init(_ mutex: consuming Mutex<State>) { self.mutex = mutex }
    }
}
