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
        /// Unchecked: whoever takes the sleeper out of the list resumes it, once.
        var continuation: UnsafeContinuation<Void, any Error>
    }

    private enum Next {
        case job(UnownedJob)
        case sleeper(Sleeper)
        case ending(Ending)
    }

    private struct State {
        var ready: [UnownedJob] = []
        /// The next to wake is last; of those that wake at the same time, the one that came first.
        var sleepers: [Sleeper] = []
        var nextID: UInt64 = 0
        var now = Duration.zero
        /// What the wall clock shows beyond the time that has passed, in milliseconds.
        var wallOffset: Int64 = 0
        var generator: SplitMix64
        var trace: UInt64 = 0xcbf2_9ce4_8422_2325
        var steps = 0
        var isDone = false

        mutating func note(_ value: UInt64) { trace = (trace ^ value) &* 0x100_0000_01b3 }

        mutating func next(maximumSteps: Int) -> Next {
            if isDone { return .ending(.finished) }
            if !ready.isEmpty {
                guard steps < maximumSteps else { return .ending(.tooLong) }
                steps += 1
                let index = Int(generator.next() % UInt64(ready.count))
                note(UInt64(index) << 32 | UInt64(ready.count))
                ready.swapAt(index, ready.count - 1)
                return .job(ready.removeLast())
            }
            // Time passes only now, until the next sleeper wakes.
            guard let sleeper = sleepers.popLast() else { return .ending(.deadlock) }
            now = max(now, sleeper.wakes)
            note(UInt64(bitPattern: now.milliseconds))
            return .sleeper(sleeper)
        }

        mutating func enter(_ duration: Duration, _ continuation: UnsafeContinuation<Void, any Error>) -> UInt64 {
            nextID += 1
            let wakes = now + duration
            var index = sleepers.count
            while index > 0, sleepers[index - 1].wakes <= wakes { index -= 1 }
            sleepers.insert(Sleeper(id: nextID, wakes: wakes, continuation: continuation), at: index)
            return nextID
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
    private let tellsStory: Bool
    private let story = Mutex<[String]>([])

    /// - Parameter tellsStory: keep what is told, for people.
    package init(seed: UInt64, tellsStory: Bool = false) {
        self.seed = seed
        state = Mutex(State(generator: SplitMix64(seed: seed)))
        self.tellsStory = tellsStory
    }

    /// Hash of every choice made so far.
    package var trace: UInt64 { state.withLock { $0.trace } }
    package var steps: Int { state.withLock { $0.steps } }

    /// Runs `body` with everything it starts on this thread until it returns.
    package func run(maximumSteps: Int, _ body: @escaping @Sendable () async -> Void) -> Ending {
        // The root of everything simulated; this very function waits for it.
        _ = Task(executorPreference: self) {
            await body()
            self.state.withLock { $0.isDone = true }
        }
        while true {
            switch state.withLock({ $0.next(maximumSteps: maximumSteps) }) {
            case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
            case .sleeper(let sleeper): sleeper.continuation.resume()
            case .ending(let ending): return ending
            }
        }
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
        try? await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
            _ = state.withLock { $0.enter(duration, continuation) }
        }
    }

    private func wake(_ id: UInt64) {
        let sleeper = state.withLock { state in
            state.sleepers.firstIndex { $0.id == id }.map { state.sleepers.remove(at: $0) }
        }
        sleeper?.continuation.resume(throwing: CancellationError())
    }

    /// Sets the wall clock, and it alone, forward or back.
    package func jumpWallClock(by duration: Duration) { state.withLock { $0.wallOffset += duration.milliseconds } }

    // MARK: Story

    /// Adds a line to the story, if anybody wants to read it.
    func tell(_ line: @autoclosure () -> String) {
        guard tellsStory else { return }
        let moment = uptime.milliseconds
        let stamp = "\(moment / 1_000).\(String(1_000 + moment % 1_000).dropFirst())"
        let text = String(repeating: " ", count: max(0, 8 - stamp.count)) + "\(stamp)  \(line())"
        story.withLock { $0.append(text) }
    }

    /// What was told, in order, each line with its time in seconds.
    package var lines: [String] { story.withLock { $0 } }
}

extension Simulation: RuntimeClock {
    package var uptime: Duration { state.withLock { $0.now } }
    package var nowMilliseconds: Int64 { state.withLock { 1_800_000_000_000 + $0.now.milliseconds + $0.wallOffset } }
    package func random() -> UInt64 { state.withLock { $0.generator.next() } }

    package func sleep(for duration: Duration) async throws {
        let entered = Mutex<UInt64>(0)
        try await withTaskCancellationHandler {
            try Task.checkCancellation()
            try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
                let id = state.withLock { $0.enter(duration, continuation) }
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
