import Foundation
import RuntimeSimulation
import Synchronization

/// Many seeds on several threads. Each simulation has one thread to itself and shares nothing with the others.
struct Campaign: Sendable {
    var seeds: Range<UInt64>
    var threads: Int
    var without: Set<Protection>

    private final class Progress: Sendable {
        struct State {
            var next: UInt64
            var done = 0
            var steps = 0
            var failures: [Result.Failure] = []
        }

        let state: Mutex<State>

        init(from first: UInt64) { state = Mutex(State(next: first)) }
    }

    func run(showsProgress: Bool) -> Result {
        let progress = Progress(from: seeds.lowerBound)
        let began = ContinuousClock.now
        let cpuBefore = clock()
        let ended = DispatchSemaphore(value: 0)
        for _ in 0..<threads {
            Thread {
                while let seed = take(progress) { finish(seed, progress) }
                ended.signal()
            }.start()
        }
        var running = threads
        while running > 0 {
            if ended.wait(timeout: .now() + 1) == .success { running -= 1 }
            if showsProgress { show(progress, since: began, isOver: running == 0) }
        }
        let cpuSeconds = Double(clock() - cpuBefore) / Double(CLOCKS_PER_SEC)
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        return progress.state.withLock { state in
            Result(
                seeds: seeds.count, from: seeds.lowerBound, threads: threads, seconds: seconds,
                schedulesPerSecond: Double(state.done) / seconds,
                cpuSeconds: cpuSeconds, schedulesPerCpuSecond: Double(state.done) / cpuSeconds, steps: state.steps,
                failures: state.failures.sorted { $0.seed < $1.seed })
        }
    }

    private func take(_ progress: Progress) -> UInt64? {
        progress.state.withLock { state in
            guard state.next < seeds.upperBound else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    private func finish(_ seed: UInt64, _ progress: Progress) {
        var scenario = Scenario(seed: seed)
        scenario.without = without
        let report = scenario.run()
        progress.state.withLock { state in
            state.done += 1
            state.steps += report.steps
            guard !report.isFlawless else { return }
            let failure = Result.Failure(seed: seed, violations: report.violations, without: without)
            state.failures.append(failure)
            // At once: the rest may take long.
            if state.failures.count <= 20 { FileHandle.standardError.write(Data("\(failure)\n".utf8)) }
        }
    }

    private func show(_ progress: Progress, since began: ContinuousClock.Instant, isOver: Bool) {
        let (done, failed) = progress.state.withLock { ($0.done, $0.failures.count) }
        let rate = Double(done) / ((ContinuousClock.now - began) / .seconds(1))
        let line = "\r\(done) of \(seeds.count) schedules, \(Int(rate))/s, \(failed) failed"
        FileHandle.standardError.write(Data((line + (isOver ? "\n" : "")).utf8))
    }
}

extension Campaign {
    /// What became of the seeds.
    struct Result: Encodable, CustomStringConvertible {
        struct Failure: Encodable, CustomStringConvertible {
            var seed: UInt64
            var violations: [String]
            var replay: String

            init(seed: UInt64, violations: [String], without: Set<Protection>) {
                self.seed = seed
                self.violations = violations
                let flags = without.map { " --without \($0.rawValue)" }.sorted().joined()
                replay = "scripts/simulate --seed \(seed)" + flags
            }

            var description: String { "seed \(seed): \(violations.first ?? "")\n  \(replay)" }
        }

        var seeds: Int
        var from: UInt64
        var threads: Int
        var seconds: Double
        var schedulesPerSecond: Double
        /// Of all threads.
        var cpuSeconds: Double
        /// What one core does that has nothing else to do.
        var schedulesPerCpuSecond: Double
        var steps: Int
        var failures: [Failure]

        var description: String {
            let total =
                "\(seeds) schedules from seed \(from) in \(Int(seconds.rounded())) s (\(Int(schedulesPerSecond))/s on "
                + "\(threads) threads, \(Int(schedulesPerCpuSecond)) per CPU second, \(steps / seeds) steps each): "
                + "\(failures.count) failed"
            let rest = failures.count > 20 ? "\nthe first 20 of them are shown, --json has all" : ""
            return total + rest
        }
    }
}
