import ArgumentParser
import Foundation
import RuntimeSimulation

@main
struct App: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Lives a small fleet through many seeded schedules of faults, or one of them in detail.",
        discussion: """
            Each seed is one life of a fleet in memory under the real runtime: the seed picks the size, the faults, their \
            moments and every interleaving. The same seed makes the same choices on every machine.

            Exit codes: 0 the promise was kept; 1 a seed broke it; 64 wrong usage.

            Example: scripts/simulate --seeds 10000
            Example: scripts/simulate --seed 459
            """)

    @Option(help: "How many seeds to run.")
    var seeds = 1_000
    @Option(help: "The first of them.")
    var from: UInt64 = 1
    @Option(help: "Replay this one seed and print its story.")
    var seed: UInt64?
    @Option(help: "Simulations at the same time, each on a thread of its own. Default: the processors.")
    var threads = ProcessInfo.processInfo.activeProcessorCount
    @Option(help: ArgumentHelp("Take a protection away, to see what it is good for.", valueName: "protection"))
    var without: [Protection] = []
    @Flag(help: "One JSON object on standard output.")
    var json = false

    func validate() throws {
        guard seeds > 0 else { throw ValidationError("--seeds takes a positive number.") }
        guard (1...256).contains(threads) else { throw ValidationError("--threads takes a number from 1 to 256.") }
        guard UInt64.max - UInt64(seeds) >= from else { throw ValidationError("--from is too large.") }
    }

    func run() throws {
        if let seed { return try replay(seed) }
        let campaign = Campaign(seeds: from..<from + UInt64(seeds), threads: threads, without: Set(without))
        let result = campaign.run(showsProgress: isatty(STDERR_FILENO) == 1)
        try json ? print(encoding: result) : print(result)
        if !result.failures.isEmpty { throw ExitCode.failure }
    }

    private func replay(_ seed: UInt64) throws {
        var scenario = Scenario(seed: seed)
        scenario.without = Set(without)
        let report = scenario.run(tellsStory: true)
        try json ? print(encoding: Replay(report)) : print(report)
        if !report.isFlawless { throw ExitCode.failure }
    }

    private func print(encoding value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        Swift.print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    private func print(_ text: some CustomStringConvertible) { Swift.print(text) }
}

/// One replayed seed.
private struct Replay: Encodable {
    var seed: UInt64
    var title: String
    var isFlawless: Bool
    var violations: [String]
    var steps: Int
    var trace: UInt64
    var story: [String]

    init(_ report: Scenario.Report) {
        seed = report.seed
        title = report.title
        isFlawless = report.isFlawless
        violations = report.violations
        steps = report.steps
        trace = report.trace
        story = report.story
    }
}

extension Protection: ExpressibleByArgument {}
