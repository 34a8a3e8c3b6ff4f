import Kafka
import Logging
import WorkerRuntime

/// A configuration topic in Kafka: its only partition, read without a group.
struct KafkaFeedLog: FeedLog {
    let configuration: KafkaConfiguration
    let topic: String
    let clock: any RuntimeClock
    let logger: Logger

    func follow(_ body: (FeedStep) async throws -> Void) async throws {
        // The group's member says when no broker can be reached; one line for that is enough.
        var logger = logger
        logger.logLevel = max(logger.logLevel, .error)
        while true {
            let reader = try KafkaReader(configuration, topic: topic, logger: logger)
            do {
                try await body(.begins)
                try await read(reader, body)
                await reader.close()
            } catch {
                await reader.close()
                throw error
            }
            // The topic may not exist yet, or may have been made anew.
            try await clock.sleep(for: .seconds(1))
        }
    }

    /// Returns when this reader is of no more use.
    private func read(_ reader: KafkaReader, _ body: (FeedStep) async throws -> Void) async throws {
        while true {
            do {
                switch try await reader.next() {
                case .records(let records): for record in records { try await body(.record(record)) }
                case .endOfPartition: try await body(.caughtUp)
                case nil: return
                }
            } catch let error as KafkaError {
                try await body(.unreachable(error.description))
                if !error.isRetriable { return }
            }
        }
    }
}
