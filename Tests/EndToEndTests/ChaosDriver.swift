import Foundation
import Synchronization
import TestSupport

#if canImport(Glibc)
    import Glibc
#endif

/// Kills and freezes workers at random moments and starts them again.
final class ChaosDriver: Sendable {
    private let fleet: TestFleet
    private let programs: [String]
    private let arguments: [String: [String]]
    private let running: Mutex<[RunningProgram]>
    private let counts = Mutex<(kills: Int, freezes: Int)>((0, 0))

    /// Starts two copies of each program.
    init(_ fleet: TestFleet, _ programs: [String], arguments: [String: [String]] = [:]) throws {
        self.fleet = fleet
        self.arguments = arguments
        self.programs = programs.flatMap { [$0, $0] }
        running = Mutex(
            try self.programs.enumerated().map { index, program in
                try fleet.start(program, copy: index % 2 + 1, arguments[program] ?? [])
            })
    }

    /// The programs it drives.
    var names: [String] { Array(Set(programs)).sorted() }

    var kills: Int { counts.withLock { $0.kills } }
    var freezes: Int { counts.withLock { $0.freezes } }

    /// One fault after another until cancelled, each to a copy of one of the programs.
    /// - Parameters:
    ///   - freezeEvery: each fault with this number is a freeze past the session time-out, the others are kills.
    ///   - pause: between faults.
    func run(
        seed: UInt64, on targets: [String], freezeEvery: Int, pause: ClosedRange<Int> = 1_500...4_500
    ) async throws {
        var random = SplitMix(state: seed)
        let indices = programs.indices.filter { targets.contains(programs[$0]) }
        var round = 0
        while !Task.isCancelled {
            try await Task.sleep(for: .milliseconds(Int.random(in: pause, using: &random)))
            let index = indices[Int.random(in: indices.indices, using: &random)]
            round += 1
            if round % freezeEvery == 0 { try await freeze(index) } else { try kill(index) }
        }
    }

    func kill(_ index: Int) throws {
        try running.withLock { running in
            running[index].send(SIGKILL)
            running[index] = try fleet.start(
                programs[index], copy: index % 2 + 1, arguments[programs[index]] ?? [])
        }
        counts.withLock { $0.kills += 1 }
    }

    private func freeze(_ index: Int) async throws {
        let program = running.withLock { $0[index] }
        program.send(SIGSTOP)
        counts.withLock { $0.freezes += 1 }
        defer { program.send(SIGCONT) }
        try await Task.sleep(for: .seconds(9))
    }

    /// Kills the copies of a program, whichever makes the call that is under way.
    func killAll(of program: String) throws {
        for index in programs.indices where programs[index] == program { try kill(index) }
    }

    /// Every program that ended by itself, with its exit code: none should.
    func ended() -> [String] {
        running.withLock { $0.filter { !$0.isRunning }.map { "\($0.name) (log: \($0.log.path))" } }
    }
}
