package import ArgumentParser
import Contracts
import Foundation
import WorkerHost

/// `scrm events`.
package struct EventsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Bring in what customers did: orders, carts, coupons, scans.",
        discussion: "Example: scrm events ingest orders.jsonl --corp ww5a7c0e1f2b3d4c6a",
        subcommands: [EventsIngestCommand.self, EventsSchemaCommand.self])

    package init() {}
}

/// `scrm events ingest`.
struct EventsIngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest", abstract: "Stream JSON Lines into customer.events.v1.",
        discussion: """
            One event a line: {"customer_id": "wm1", "source": "shop", "type": "cart.added", "event_id": "c-1", \
            "occurred_at": 1773100800000, "sku": "A1"}. `scrm events schema` prints the whole format. A bad line is \
            reported with its number and does not stop the rest (exit code 4). A line may be sent twice: an event is \
            unique by corp, source, type and event id. When the broker is away, the command waits and says so.

            Example: scrm events ingest orders.jsonl --corp ww5a7c0e1f2b3d4c6a --rate 500
            """)

    @Argument(help: ArgumentHelp("File with one JSON object a line; - for standard input.", valueName: "file"))
    var file: String
    @Option(help: ArgumentHelp("Corp of the lines that have no corp_id.", valueName: "id"))
    var corp: String?
    @Option(help: ArgumentHelp("Lines a second at most; default: as fast as possible.", valueName: "n"))
    var rate: Int?
    @OptionGroup var options: OperatorOptions

    mutating func validate() throws {
        if let rate, rate < 1 { throw ValidationError("--rate must be at least 1.") }
        if let corp, corp.isEmpty || !corp.utf8.allSatisfy({ (0x30...0x7A).contains($0) && $0 != 0x5C }) {
            throw ValidationError("--corp must be a WeCom corp id.")
        }
    }

    func run() async throws {
        let settings = try options.settings(needs: [.kafka])
        let console = options.console
        let topic = settings.namespace.topic(Topics.customerEvents)
        let clock = SystemClock()
        let source = try ByteSource(path: file)
        let line = EventLine(topic: topic, corpID: corp, nowMilliseconds: clock.nowMilliseconds)
        let report = try await Cluster.with(settings) { cluster in
            guard try await cluster.partitions()[topic] != nil else {
                throw OperatorFailure(
                    .failure, "The cluster has no topic \(topic).", advice: "Run `scrm topics apply` first.")
            }
            return try await cluster.withPublisher(properties: ["linger.ms": "5"]) { publisher in
                try await Ingest(
                    publisher: publisher, clock: clock, line: line, pace: Pace(rate: rate),
                    onNews: { console.note(IngestCommand.text(of: $0)) },
                    onBad: { if !console.json { console.note("line \($0.line): \($0.reason)") } },
                    onProgress: { console.progress("\($0.lines) lines, \($0.sent) acknowledged, \($0.bad) bad") }
                ).run(maximumLineBytes: Topics.customerEvents.maximumMessageBytes) { try await source.next() }
            }
        }
        console.endProgress()
        try console.report(report, text: report.text)
        if report.bad > 0 { throw Outcome.partial }
    }
}

/// `scrm events schema`.
struct EventsSchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the JSON schema of an event, for producers to check against.",
        discussion: "Example: scrm events schema > customer.events.v1.schema.json")

    func run() { print(CustomerEvent.jsonSchema, terminator: "") }
}
