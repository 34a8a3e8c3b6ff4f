import Synchronization
import WorkerRuntime

/// One thread, one seed: runs tasks by picking the next job at random, and lets time pass only when none can run.
///
/// The runtime under test is the real one: its tasks inherit this executor, its clock is this object. The same seed
/// makes the same choices, so a failure can be run again.
package final class Simulation: TaskExecutor, Sendable {
    private struct Sleeper {
        var id: UInt64
        var wakes: Duration
        var continuation: CheckedContinuation<Void, any Error>

        func precedes(_ other: Self) -> Bool { wakes == other.wakes ? id < other.id : wakes < other.wakes }
    }

    private struct State {
        var ready: [UnownedJob] = []
        var sleepers: [Sleeper] = []
        var nextID: UInt64 = 0
        var now = Duration.zero
        var generator: SplitMix64
        var trace: UInt64 = 0xcbf2_9ce4_8422_2325
        var steps = 0

        mutating func note(_ value: UInt64) { trace = (trace ^ value) &* 0x100_0000_01b3 }

        mutating func takeReady() -> UnownedJob? {
            guard !ready.isEmpty else { return nil }
            steps += 1
            let index = Int(generator.next() % UInt64(ready.count))
            note(UInt64(index) << 32 | UInt64(ready.count))
            return ready.remove(at: index)
        }

        /// Lets time pass until the next sleeper wakes.
        mutating func takeSleeper() -> Sleeper? {
            guard let next = sleepers.indices.min(by: { sleepers[$0].precedes(sleepers[$1]) }) else { return nil }
            let sleeper = sleepers.remove(at: next)
            now = max(now, sleeper.wakes)
            note(UInt64(bitPattern: now.milliseconds))
            return sleeper
        }
    }

    /// How a run ended.
    package enum Ending: Sendable, Equatable {
        case finished
        /// Nothing can run and nobody sleeps.
        case deadlock
        /// More jobs than allowed.
        case tooLong
    }

    package let seed: UInt64
    private let state: Mutex<State>

    package init(seed: UInt64) {
        self.seed = seed
        state = Mutex(State(generator: SplitMix64(seed: seed)))
    }

    /// Hash of every choice made so far.
    package var trace: UInt64 { state.withLock { $0.trace } }
    package var steps: Int { state.withLock { $0.steps } }

    /// Runs `body` with everything it starts on this thread until it returns.
    package func run(maximumSteps: Int, _ body: @escaping @Sendable () async -> Void) -> Ending {
        let isDone = Mutex(false)
        // The root of everything simulated; this very function waits for it.
        _ = Task(executorPreference: self) {
            await body()
            isDone.withLock { $0 = true }
        }
        while !isDone.withLock({ $0 }) {
            if steps > maximumSteps { return .tooLong }
            if let job = state.withLock({ $0.takeReady() }) {
                job.runSynchronously(on: asUnownedTaskExecutor())
            } else if let sleeper = state.withLock({ $0.takeSleeper() }) {
                sleeper.continuation.resume()
            } else {
                return .deadlock
            }
        }
        return .finished
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.ready.append(job) }
    }

    /// A choice by the seed: one of `0..<bound`.
    package func pick(_ bound: Int) -> Int { Int(random() % UInt64(max(1, bound))) }

    /// True in `percent` of a hundred cases.
    package func chance(_ percent: Int) -> Bool { pick(100) < percent }

    /// Lets time pass also for a cancelled task: what happens in the world doesn't stop because a caller gives up.
    package func pass(_ duration: Duration) async {
        // Never throws: nobody else resumes this sleeper.
        try? await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            _ = enter(duration, continuation)
        }
    }

    private func enter(_ duration: Duration, _ continuation: CheckedContinuation<Void, any Error>) -> UInt64 {
        state.withLock { state in
            state.nextID += 1
            state.sleepers.append(
                Sleeper(id: state.nextID, wakes: state.now + duration, continuation: continuation))
            return state.nextID
        }
    }

    private func wake(_ id: UInt64) {
        let sleeper = state.withLock { state in
            state.sleepers.firstIndex { $0.id == id }.map { state.sleepers.remove(at: $0) }
        }
        sleeper?.continuation.resume(throwing: CancellationError())
    }
}

extension Simulation: RuntimeClock {
    package var uptime: Duration { state.withLock { $0.now } }
    package var nowMilliseconds: Int64 { 1_800_000_000_000 + uptime.milliseconds }
    package func random() -> UInt64 { state.withLock { $0.generator.next() } }

    package func sleep(for duration: Duration) async throws {
        let entered = Mutex<UInt64>(0)
        try await withTaskCancellationHandler {
            try Task.checkCancellation()
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let id = enter(duration, continuation)
                entered.withLock { $0 = id }
            }
        } onCancel: {
            wake(entered.withLock { $0 })
        }
    }
}

extension Simulation {
    /// The generator behind every choice (SplitMix64: small, and the same everywhere).
    struct SplitMix64 {
        private var state: UInt64

        init(seed: UInt64) { state = seed }

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
