import ArgumentParser
import FleetHarness
import Foundation
import Logging

@main
struct App: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos",
        abstract: "Faults happen to a running fleet; nothing may be lost, doubled or out of order.",
        discussion: """
            Runs the real programs against the PostgreSQL server that PG* names and a development broker, or the one \
            that KAFKA_BOOTSTRAP_SERVERS names. scripts/chaos does the set-up. Input, what must come of it and the \
            order of the faults follow from the seed. Example:

              scripts/chaos --minutes 3 --seed 7 --json

            EXIT CODES
              0  nothing lost, doubled, out of order or otherwise wrong
              1  something was, or the run could not be finished; the logs of the programs are kept
              3  the development broker failed: run again
              64 the command line is wrong
            """)

    @Option(help: "How long messages flow and faults happen.") var minutes: Double = 3
    @Option(help: "Default: by chance; the report says which.") var seed: UInt64?
    @Option(help: "Messages a second.") var rate = 150
    @Option(help: "Shell command that restarts PostgreSQL at once.") var restartPostgres: String?
    @Option(help: "A small file system for the database, with a folder named tablespace that the server may write to.")
    var disk: String?
    @Flag(help: "Print one JSON object.") var json = false

    func validate() throws {
        guard minutes > 0, minutes <= 1_440 else { throw ValidationError("--minutes must be above 0, at most 1440") }
        guard (1...10_000).contains(rate) else { throw ValidationError("--rate must be between 1 and 10000") }
    }

    func run() async throws {
        // What the harness' own clients meet is the faults.
        LoggingSystem.bootstrap { _ in SwiftLogNoOpLogHandler() }
        let seed = seed ?? UInt64.random(in: 0...UInt64(UInt32.max))
        Self.say("seed \(seed)")
        let isTerminal = isatty(STDERR_FILENO) == 1
        let chaos = ChaosRun(
            seed: seed, duration: .seconds(minutes * 60), rate: rate,
            means: .init(restartPostgres: restartPostgres, disk: disk)
        ) { if isTerminal { Self.say($0) } }
        let report: ChaosReport
        do {
            report = try await chaos.run()
        } catch {
            Self.say("error: \(error)")
            if error is BrokerFailed { throw ExitCode(3) }
            throw ExitCode.failure
        }
        print(json ? try report.json() : report.text)
        if !report.isClean { throw ExitCode.failure }
    }

    private static func say(_ text: String) {
        FileHandle.standardError.write(Data("chaos: \(text)\n".utf8))
    }
}
