package import ArgumentParser
import Contracts
import Foundation
import WorkerHost

/// `scrm ingest`.
package struct IngestCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "ingest", abstract: "Stream JSON Lines into chat.raw.v1.",
        discussion: """
            One decrypted WeCom message a line, as the platform gives it. A bad line is reported with its number and does
            not stop the rest (exit code 4). Messages of one conversation stay in order.

            Example: scrm ingest day.jsonl --corp ww5a7c0e1f2b3d4c6a --rate 500
            """)

    @Argument(help: ArgumentHelp("File with one JSON object a line; - for standard input.", valueName: "file"))
    var file: String
    @Option(help: ArgumentHelp("Corp of the lines that have no corp_id.", valueName: "id"))
    var corp: String?
    @Option(help: ArgumentHelp("Lines a second at most; default: as fast as possible.", valueName: "n"))
    var rate: Int?
    @Flag(help: "For samples: move all times, those in ids too, so that the last message is now.")
    var shiftToNow = false
    @OptionGroup var options: OperatorOptions

    package init() {}

    package mutating func validate() throws {
        if let rate, rate < 1 { throw ValidationError("--rate must be at least 1.") }
        if shiftToNow, file == "-" {
            throw ValidationError("--shift-to-now reads the file twice; standard input can't be.")
        }
        if let corp, !corp.utf8.allSatisfy({ ("0"..."z").contains(Character(Unicode.Scalar($0))) }) || corp.isEmpty {
            throw ValidationError("--corp must be a WeCom corp id.")
        }
    }

    package func run() async throws {
        let settings = try options.settings(needs: [.kafka])
        let console = options.console
        let topic = settings.namespace.topic(Topics.chatRaw)
        let clock = SystemClock()
        let shift = shiftToNow ? try await SampleShift.reading(file, nowMilliseconds: clock.nowMilliseconds) : nil
        let source = try ByteSource(path: file)
        let report = try await Cluster.with(settings) { cluster in
            guard try await cluster.partitions()[topic] != nil else {
                throw OperatorFailure(
                    .failure, "The cluster has no topic \(topic).", advice: "Run `scrm topics apply` first.")
            }
            return try await cluster.withPublisher(properties: ["linger.ms": "5"]) { publisher in
                try await Ingest(
                    publisher: publisher, clock: clock, line: IngestLine(topic: topic, corpID: corp),
                    pace: Pace(rate: rate), transform: { shift?.apply($0) ?? $0 },
                    onProgress: { console.progress("\($0.lines) lines, \($0.sent) acknowledged, \($0.bad) bad") }
                ).run(maximumLineBytes: Topics.chatRaw.maximumMessageBytes) { try await source.next() }
            }
        }
        console.endProgress()
        try console.report(report, text: report.text)
        if report.bad > 0 { throw Outcome.partial }
    }
}

extension SampleShift {
    /// Reads a sample for its last message.
    static func reading(_ path: String, nowMilliseconds: Int64) async throws -> SampleShift {
        let source = try ByteSource(path: path)
        var splitter = LineSplitter(maximumBytes: Topics.chatRaw.maximumMessageBytes)
        var latest: Int64?
        func look(_ line: LineSplitter.Line) {
            guard let time = line.bytes.flatMap(SampleShift.messageTime), time > 0 else { return }
            latest = max(latest ?? time, time)
        }
        while true {
            let chunk = try await source.next()
            if chunk.isEmpty { break }
            splitter.feed(chunk, look)
        }
        splitter.finish(look)
        guard let latest else {
            throw OperatorFailure(.usage, "No line of \(path) has a msgtime, so there is nothing to move.")
        }
        return SampleShift(latestMilliseconds: latest, nowMilliseconds: nowMilliseconds)
    }
}
