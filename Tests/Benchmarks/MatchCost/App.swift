import ArgumentParser
import Foundation
import PatternMatching
import SensitiveWords

/// What matching costs: reads lines and words, and finds the words message by message, raw or through the whole monitor.
@main
struct App: ParsableCommand {
    enum Engine: String, ExpressibleByArgument, CaseIterable {
        /// Decoded, not folded: every occurrence as it stands.
        case raw
        /// Folded, with signs, repetitions and gaps seen through; occurrences as they pass distances and boundaries.
        case normalised
        /// As the monitor does by default: second readings for sounds, components, look-alikes and numerals besides.
        case disguised
    }

    static let configuration = CommandConfiguration(
        commandName: "match-cost", abstract: "Times the matcher on lines of text; one JSON object on standard output.",
        discussion: "Example: match-cost --text lines.txt --words words.txt --engine raw")

    @Option(help: "Text, one message a line.")
    var text: String
    @Option(help: "Words, one a line.")
    var words: String
    @Option(help: "What is measured: raw, normalised or disguised.")
    var engine: Engine
    @Option(help: "Runs; the fastest counts.")
    var runs = 3
    @Option(help: "Rules over which the words are spread.")
    var rules = 10

    struct Report: Encodable {
        var engine: String
        var megabytesPerSecond: Double
        var matches: Int
        var compileSeconds: Double
        var tableMegabytes: Double
    }

    func run() throws {
        let lines = try Self.lines(of: text)
        let words = try Self.lines(of: words)
        let bytes = lines.reduce(0) { $0 + $1.utf8.count + 1 }
        let begin = Self.cpuSeconds()
        let search = try Search(engine, words: words, rules: rules)
        let compile = Self.cpuSeconds() - begin
        var best = Double.infinity
        var matches = 0
        for _ in 0..<runs {
            let begin = Self.cpuSeconds()
            matches = search.count(in: lines)
            best = min(best, Self.cpuSeconds() - begin)
        }
        let report = Report(
            engine: engine.rawValue, megabytesPerSecond: Double(bytes) / 1e6 / best, matches: matches,
            compileSeconds: compile, tableMegabytes: Double(search.tableBytes) / 1e6)
        print(String(decoding: try JSONEncoder().encode(report), as: UTF8.self))
    }

    private static func lines(of path: String) throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    private static func cpuSeconds() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }
}
