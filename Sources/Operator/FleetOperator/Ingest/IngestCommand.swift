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
            not stop the rest (exit code 4). Messages of one conversation stay in order. When the broker is away, the
            command waits and says so.

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
    @Option(
        help: ArgumentHelp(
            "The same to this moment: 2025-03-10T08:00:00Z or milliseconds UTC. Twice to one moment gives the same ids.",
            valueName: "moment"))
    var shiftTo: String?
    @OptionGroup var options: OperatorOptions

    package init() {}

    package mutating func validate() throws {
        if let rate, rate < 1 { throw ValidationError("--rate must be at least 1.") }
        if shiftToNow || shiftTo != nil, file == "-" {
            throw ValidationError("Shifting reads the file twice; standard input can't be.")
        }
        if let shiftTo {
            if shiftToNow { throw ValidationError("--shift-to and --shift-to-now can't both be given.") }
            guard Self.moment(shiftTo) != nil else {
                throw ValidationError("--shift-to must be like 2025-03-10T08:00:00Z, or milliseconds UTC.")
            }
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
        let moment = shiftToNow ? clock.nowMilliseconds : shiftTo.flatMap(Self.moment)
        var shift: SampleShift?
        if let moment { shift = try await SampleShift.reading(file, nowMilliseconds: moment) }
        let source = try ByteSource(path: file)
        let report = try await Cluster.with(settings) { cluster in
            guard try await cluster.partitions()[topic] != nil else {
                throw OperatorFailure(
                    .failure, "The cluster has no topic \(topic).", advice: "Run `scrm topics apply` first.")
            }
            return try await cluster.withPublisher(properties: ["linger.ms": "5"]) { publisher in
                try await Ingest(
                    publisher: publisher, clock: clock, line: IngestLine(topic: topic, corpID: corp),
                    pace: Pace(rate: rate), transform: { [shift] in shift?.apply($0) ?? $0 },
                    onNews: { console.note(Self.text(of: $0)) },
                    onBad: { if !console.json { console.note("line \($0.line): \($0.reason)") } },
                    onProgress: { console.progress("\($0.lines) lines, \($0.sent) acknowledged, \($0.bad) bad") }
                ).run(maximumLineBytes: Topics.chatRaw.maximumMessageBytes) { try await source.next() }
            }
        }
        console.endProgress()
        try console.report(report, text: report.text)
        if report.bad > 0 { throw Outcome.partial }
    }
}

extension IngestCommand {
    /// Milliseconds UTC, or a moment in ISO 8601; nothing relative, which would be another moment each time.
    static func moment(_ text: String) -> Int64? {
        if let milliseconds = Int64(text) { return milliseconds >= 100_000_000_000 ? milliseconds : nil }
        return text.contains("-") ? Instant.milliseconds(text, now: 0) : nil
    }

    static func text(of news: BrokerPatience.News) -> String {
        switch news {
        case .silent:
            "Nothing has been acknowledged for \(BrokerPatience.limit.components.seconds) s: is the broker away? Waiting."
        case .back: "The broker acknowledges again; going on."
        }
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
