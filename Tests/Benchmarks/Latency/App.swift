import ArgumentParser
import Contracts
import Foundation
import Kafka
import Logging
import Records
import Synchronization

/// How long an alert takes: sends messages at an even rate and reads the alerts, while the workers run.
@main
struct App: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract: "Sends messages to chat.raw.v1, reads alerts.v1, and prints the time between, as JSON.",
        discussion: """
            KAFKA_BOOTSTRAP_SERVERS names the broker; the workers run already, with a rule for 维权.

            Example: latency --rate 1000 --seconds 60
            """)

    @Option(help: "Messages a second.") var rate = 1_000
    @Option(help: "Seconds that count.") var seconds = 60
    @Option(help: "Seconds before, which do not count.") var warmUp = 10
    @Option(help: "Each message of this distance raises an alert.") var alertEvery = 20
    @Option(help: "The corp the messages belong to.") var corp = "ww5a7c0e1f2b3d4c6a"

    /// How long the last alerts may take.
    private static let patience = Duration.seconds(30)

    func run() async throws {
        var logger = Logger(label: "latency") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        var properties = ["bootstrap.servers": ProcessInfo.processInfo.environment["KAFKA_BOOTSTRAP_SERVERS"] ?? ""]
        // The development broker does not wake a waiting fetch.
        properties["fetch.wait.max.ms"] = "1"
        let kafka = KafkaConfiguration(properties)
        let traffic = Traffic(corp: corp, alertEvery: alertEvery)
        let journal = Journal()
        let reading = try await AlertReading(kafka, journal: journal, logger: logger)
        let producer = try KafkaProducer(kafka, logger: logger)
        let counted = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await reading.run() }
            defer { group.cancelAll() }
            let counted = try await send(traffic, with: producer, journal: journal)
            try await journal.waitForAlerts(of: counted, within: Self.patience)
            return counted
        }
        await producer.close()
        await reading.close()
        let stamps = try await Timestamps(kafka, logger: logger)
        let report = Report(
            rate: rate, seconds: seconds, counted: counted, journal: journal, stamps: stamps)
        print(try report.json())
    }

    /// - Returns: ids of the messages that count and must alert.
    private func send(_ traffic: Traffic, with producer: KafkaProducer, journal: Journal) async throws -> [String] {
        let clock = ContinuousClock()
        let start = clock.now
        let total = rate * (warmUp + seconds)
        var sent = 0
        var counted: [String] = []
        while sent < total {
            let due = min(total, Int(Double(rate) * ((clock.now - start) / .seconds(1))) + 1)
            while sent < due {
                let message = traffic.message(sent)
                if message.alerts {
                    if sent >= rate * warmUp { counted.append(message.id) }
                    journal.sent(message.id, at: clock.now)
                }
                _ = try await producer.enqueue([message.record])
                sent += 1
            }
            try await clock.sleep(until: start + .seconds(Double(sent) / Double(rate)))
        }
        return counted
    }
}
