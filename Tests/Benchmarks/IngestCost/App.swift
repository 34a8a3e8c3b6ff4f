import ArchiveIngest
import ArgumentParser
import Contracts
import ConversationArchive
import Foundation
import Records
import WorkerHost
import WorkerRuntime

/// Where the CPU time of an archived message goes before the database and the broker see it.
@main
struct App: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest-cost",
        abstract: "Measures what archive-ingest spends on a message between the consumer and libpq.",
        discussion: "Example: ingest-cost messages.jsonl --corp ww5a7c0e1f2b3d4c6a")

    @Argument(help: "Messages as JSON Lines.")
    var file: String

    @Option(help: "The corp the messages belong to.")
    var corp = "ww5a7c0e1f2b3d4c6a"

    @Option(help: "Messages of one batch.")
    var batch = 500

    @Option(help: "How often the whole file is gone through.")
    var rounds = 5

    func run() throws {
        let lines = try String(contentsOfFile: file, encoding: .utf8).utf8.split(separator: UInt8(ascii: "\n"))
        let records = lines.enumerated().map { index, line in
            Record(
                topic: Topics.chatRaw.name, partition: 0, offset: Int64(index), timestampMilliseconds: 0,
                key: Array("s:employee001|wmR4xTCwAAxxxxxxxxxxxxxxxxxxxxxx".utf8), value: Array(line))
        }
        let handler = ArchiveIngest(namespace: Namespace(""), clock: SystemClock()) { [corp] in
            ArchiveDirectory(corps: [corp])
        }
        var decoding = 0.0
        var deciding = 0.0
        for _ in 0..<rounds {
            for start in stride(from: 0, to: records.count, by: batch) {
                let chunk = records[start..<min(start + batch, records.count)]
                let began = clock()
                let items = chunk.compactMap { record -> Batch<ArchiveRecord>.Item? in
                    // A line that is no message is left out.
                    (try? handler.decode(record)).flatMap { $0 }.map { .init(event: $0, record: record) }
                }
                let decoded = clock()
                let decision = try handler.decide(Batch(lane: 0, items: items, nowMilliseconds: 0))
                withExtendedLifetime(decision) {}
                decoding += Double(decoded - began)
                deciding += Double(clock() - decoded)
            }
        }
        let count = Double(records.count * rounds)
        func microseconds(_ ticks: Double) -> String { String(format: "%.2f", ticks / count) }
        print("decode \(microseconds(decoding)) µs, decide \(microseconds(deciding)) µs per message")
    }
}
