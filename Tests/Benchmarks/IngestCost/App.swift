import ArchiveIngest
import ArgumentParser
import Contracts
import ConversationArchive
import Foundation
import JSON
import Kafka
import Logging
import Records
import WorkerHost
import WorkerRuntime

/// Where the CPU time of an archived message goes before the database and the broker see it.
@main
struct App: AsyncParsableCommand {
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

    @Option(help: "Publish each batch to this broker as well.")
    var publish: String?

    func run() async throws {
        let lines = try String(contentsOfFile: file, encoding: .utf8).utf8.split(separator: UInt8(ascii: "\n"))
        let records = lines.enumerated().map { index, line in
            Record(
                topic: Topics.chatRaw.name, partition: 0, offset: Int64(index), timestampMilliseconds: 0,
                key: Array("s:employee001|wmR4xTCwAAxxxxxxxxxxxxxxxxxxxxxx".utf8), value: Array(line))
        }
        let directory = ArchiveDirectory(corps: [corp])
        let handler = ArchiveIngest(namespace: Namespace(""), clock: SystemClock()) { directory }
        var decoding = 0.0
        var deciding = 0.0
        for _ in 0..<rounds {
            for start in stride(from: 0, to: records.count, by: batch) {
                let chunk = records[start..<min(start + batch, records.count)]
                let began = clock()
                let items = handler.reading { decode in
                    chunk.compactMap { record -> Batch<PlannedRecord>.Item? in
                        // A line that is no message is left out.
                        (try? decode(record)).flatMap { $0 }.map { .init(event: $0, record: record) }
                    }
                }
                let decoded = clock()
                let decision = handler.decide(Batch(lane: 0, items: items, nowMilliseconds: 0))
                withExtendedLifetime(decision) {}
                decoding += Double(decoded - began)
                deciding += Double(clock() - decoded)
            }
        }
        let count = Double(records.count * rounds)
        if let publish { try await measurePublishing(records, to: publish) }
        func microseconds(_ ticks: Double) -> String { String(format: "%.2f", ticks / count) }
        print("decode \(microseconds(decoding)) µs, decide \(microseconds(deciding)) µs per message")
    }

    /// Produces every message with the headers it really has, batch by batch, to one partition.
    private func measurePublishing(_ records: [Record], to servers: String) async throws {
        let publisher = try KafkaRecordPublisher(
            KafkaConfiguration(bootstrapServers: servers), logger: Logger(label: "ingest-cost"))
        let headers = [
            Header(HeaderNames.eventType, text: ChatMessage.eventType), Header(HeaderNames.corpID, text: corp),
        ]
        let decoder = ArchiveDecoder()
        var writer = JSONWriter()
        var events: [OutgoingRecord] = []
        for record in records {
            guard
                case .message(let message) = try decoder.decode(
                    record.value ?? [], directory: ArchiveDirectory(corps: [corp]))
            else { continue }
            message.encodeJSON(with: &writer)
            let number = SourceNumber(source: "chat.raw.v1/0", sequence: record.offset * 1024)
            events.append(
                OutgoingRecord(
                    topic: Topics.chatMessages.name, partition: Int32(events.count / batch % 12),
                    key: message.conversation.id.bytes, value: writer.bytes,
                    headers: headers, number: number))
        }
        withExtendedLifetime(decoder) {}
        let before = clock()
        for start in stride(from: 0, to: events.count, by: batch) {
            let chunk = Array(events[start..<min(start + batch, events.count)])
            try await publisher.enqueue(chunk).acknowledged()
        }
        let spent = Double(clock() - before) / Double(events.count)
        print("publish \(String(format: "%.2f", spent)) µs per message")
        await publisher.close()
    }
}
