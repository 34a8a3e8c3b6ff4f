import Contracts
import FleetHarness
import Foundation
import Postgres
import TestSupport

/// Everything that faults can happen to.
struct ChaosScene: Sendable {
    /// What the machine at hand allows.
    struct Means: Sendable {
        /// Shell command that restarts PostgreSQL at once; `nil` when the server is somebody else's.
        var restartPostgres: String?
        /// A small file system on which the database is; `nil` when none could be mounted.
        var disk: String?
    }

    var fleet: TestFleet
    var copies: FleetCopies
    var proxy: TCPProxy
    var sandbox: Sandbox
    var means: Means

    static let workers = [Programs.archiveIngest, Programs.sensitiveWordMonitor, Programs.alertNotifier]
    /// Notes each message in a table where a repetition would show.
    static let witness = "counting-worker"

    /// Every fault there is, also those this machine doesn't allow.
    var faults: [Fault] {
        [.kill(copies), .freeze(copies), .terminate(copies), .killInCall(copies, sandbox), scaling, ruleSwap]
            + databaseFaults + brokerFaults
    }

    /// Waits until the witness has read every message; `scrm drain` doesn't know it.
    /// - Parameter positions: next offset after the last message, by partition.
    func drainWitness(until positions: [Int64]) async throws {
        var behind: [String] = []
        do {
            try await eventually("the witness has read everything") {
                let rows = try await fleet.query(
                    "SELECT lane, next_offset FROM counting.offsets", as: Int32.self, Int64.self)
                let offsets = Dictionary(rows.map { (Int($0.0), $0.1) }) { $1 }
                behind = positions.enumerated().filter { offsets[$0.offset, default: 0] < $0.element }
                    .map { "lane \($0.offset) at \(offsets[$0.offset, default: 0]) of \($0.element)" }
                return behind.isEmpty
            }
        } catch is ConditionNotMet {
            throw ConditionNotMet(
                what: "the witness has read everything (\(behind.joined(separator: ", ")))", limit: Patience.limit)
        }
    }

    // MARK: The fleet

    /// One copy of a worker, then four, then two.
    private var scaling: Fault {
        Fault("scale", .copies) { random in
            let program = Self.workers.randomElement(using: &random) ?? Programs.archiveIngest
            let before = copies.of(program)
            for count in [1, 4, 2] {
                try await copies.scale(program, to: count)
                try await Task.sleep(for: .seconds(2))
            }
            return Array(Set(before + copies.of(program)))
        }
    }

    private var ruleSwap: Fault {
        Fault("rules-swap", .everything) { random in
            try await fleet.swapRules(Int.random(in: 1...1_000_000, using: &random))
            return []
        }
    }

    // MARK: The database

    private var databaseFaults: [Fault] {
        [
            Fault(
                "postgres-restart", .everything,
                unavailable: means.restartPostgres == nil ? "the PostgreSQL server is not this run's own" : nil
            ) { _ in
                try await Shell.run(means.restartPostgres ?? "")
                return []
            },
            Fault("postgres-cut", .everything) { random in
                for _ in 0..<Int.random(in: 1...5, using: &random) {
                    proxy.cut()
                    try await Task.sleep(for: .milliseconds(Int.random(in: 50...1_000, using: &random)))
                }
                return []
            },
            Fault("postgres-delay", .everything) { random in
                proxy.delay(by: .milliseconds(Int.random(in: 20...200, using: &random)))
                defer { proxy.delay(by: .zero) }
                try await Task.sleep(for: .seconds(5))
                return []
            },
            Fault(
                "disk-full", .everything,
                unavailable: means.disk == nil ? "no small file system could be mounted for the database" : nil
            ) { _ in
                let ballast = Ballast(in: means.disk ?? "")
                defer { ballast.remove() }
                try ballast.fill()
                try await Task.sleep(for: .seconds(5))
                return []
            },
        ]
    }

    // MARK: The broker

    private var brokerFaults: [Fault] {
        let foreign = fleet.broker == nil ? "the broker is not this run's own" : nil
        return [
            Fault("broker-down", .everything, unavailable: foreign) { random in
                try fleet.broker?.say("down")
                try await Task.sleep(for: .milliseconds(Int.random(in: 500...8_000, using: &random)))
                try fleet.broker?.say("up")
                return []
            },
            Fault("broker-delay", .everything, unavailable: foreign) { random in
                try fleet.broker?.say("delay \(Int.random(in: 50...500, using: &random))")
                try await Task.sleep(for: .seconds(5))
                try fleet.broker?.say("delay 0")
                return []
            },
            Fault("broker-errors", .everything, unavailable: foreign) { random in
                // 6: not leader; 7: request timed out; 14: coordinator loading; 27: rebalance in progress.
                for (request, codes) in [("produce", [6, 7]), ("fetch", [6, 7]), ("heartbeat", [14, 27])] {
                    let code = codes.randomElement(using: &random) ?? 7
                    try fleet.broker?.say("fail \(request) \(code) \(Int.random(in: 1...5, using: &random))")
                }
                try await Task.sleep(for: .seconds(1))
                return []
            },
        ]
    }
}

/// A shell command, run to its end.
enum Shell {
    struct Failed: Error, CustomStringConvertible {
        var command: String
        var description: String { "this command failed: \(command)" }
    }

    static func run(_ command: String) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        // Foundation takes a process for running as long as anybody holds the descriptors it was given, and a server that
        // the command starts would.
        let closing = "for fd in /proc/$$/fd/*; do fd=${fd##*/}; [ $fd -le 2 ] || eval \"exec $fd>&-\"; done; "
        process.arguments = ["-c", closing + command]
        process.standardOutput = FileHandle.nullDevice
        try process.start()
        try await eventually("this command ends: \(command)") { !process.isRunning }
        guard process.terminationStatus == 0 else { throw Failed(command: command) }
    }
}
