package import Logging
package import Records

/// Reads one partition from a position, without a group, to its end and on.
package final class KafkaReader: Sendable {
    package enum Start: Sendable, Hashable {
        case beginning
        /// Only what comes later.
        case end
        case offset(Int64)
    }

    package enum Event: Sendable, Equatable {
        /// In offset order, never empty.
        case records([Record])
        /// Everything up to this next offset has been read. Comes again after later records.
        case endOfPartition(nextOffset: Int64)
    }

    private let core: ReaderCore

    /// Starts reading at once.
    package init(
        _ configuration: KafkaConfiguration, topic: String, partition: Int32 = 0, from start: Start = .beginning,
        logger: Logger
    ) throws {
        core = try ReaderCore(
            configuration, TopicPartition(topic: topic, partition: partition), from: start, logger: logger)
    }

    deinit {
        core.loop.stop()
    }

    /// Waits for records or the end of the partition; `nil` once closed.
    /// - Throws: `CancellationError`, or the partition's ``KafkaError``; after a retriable one reading goes on.
    package func next(maximumRecords: Int = 500, maximumBytes: Int = 16 << 20) async throws -> Event? {
        let queue = core.records
        return try await Signal.wait(on: [queue.signal]) { () throws(KafkaError) -> Event?? in
            var batch = RecordBatch(maximumRecords: maximumRecords, maximumBytes: maximumBytes)
            let outcome = try queue.drain(into: &batch, maximumRecords: maximumRecords)
            if !batch.records.isEmpty { return .some(.records(batch.records)) }
            return switch outcome {
            case .taken: nil
            case .end(let offset): .some(.endOfPartition(nextOffset: offset))
            case .closed: .some(nil)
            }
        }
    }

    package func watermarks(timeout: Duration = .seconds(5)) async throws -> Range<Int64> {
        try await core.requests.watermarks(of: core.records.partition, timeout: timeout)
    }

    package func close() async {
        core.loop.stop()
        await core.loop.waitForEnd()
    }
}
