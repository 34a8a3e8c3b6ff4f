package import Contracts
import Kafka
import Records
import TestSupport

/// Reads a published topic along while it grows, because a development broker keeps only its last megabytes.
package actor PublishedTap {
    package private(set) var stream: PublishedStream
    private let readers: [KafkaReader]
    /// Next offset to read, by partition.
    package private(set) var positions: [Int64]

    package init(_ topic: Topic, of fleet: TestFleet, into stream: PublishedStream) throws {
        self.stream = stream
        readers = try (0..<Int32(ChatStream.partitions)).map { partition in
            try KafkaReader(
                fleet.kafka, topic: fleet.namespace.topic(topic), partition: partition, logger: TestFleet.logger)
        }
        positions = readers.map { _ in 0 }
    }

    /// Reads everything there is now. After an error it may be called again.
    package func catchUp() async throws {
        for (partition, reader) in readers.enumerated() {
            let end = try await reader.watermarks(timeout: Patience.limit).upperBound
            while positions[partition] < end {
                switch try await reader.next(maximumRecords: 10_000) {
                case .records(let records):
                    guard let first = records.first, let last = records.last else { continue }
                    guard positions[partition] == first.offset else {
                        throw RecordsMissing(partition: partition, from: positions[partition], to: first.offset)
                    }
                    try stream.add(records)
                    positions[partition] = last.offset + 1
                case .endOfPartition(let next): positions[partition] = max(positions[partition], next)
                case nil: return
                }
            }
        }
    }

    package func close() async {
        for reader in readers { await reader.close() }
    }
}

/// The broker deleted records before they were read, so nothing can be said about them.
package struct RecordsMissing: Error, CustomStringConvertible {
    var partition: Int
    var from: Int64
    var to: Int64

    package var description: String {
        "the broker deleted records \(from)..<\(to) of partition \(partition) before they were compared"
    }
}
