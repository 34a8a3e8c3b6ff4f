import Contracts
import Postgres

/// Reads how far a worker is: first what the database says, then where the topics end, so the answer is never too good.
struct PositionReader {
    let databases: FleetDatabases
    let cluster: Cluster
    let namespace: Namespace

    func positions(of schema: Schema) async throws -> [TopicPosition] {
        let offsets = try await databases.query(
            schema, "SELECT topic, lane, next_offset FROM \(schema.rawValue).offsets")
        var next: [String: [Int32: Int64]] = [:]
        for row in offsets {
            let (topic, lane, offset) = try row.decode(String.self, Int32.self, Int64.self)
            next[topic, default: [:]][lane] = offset
        }
        let partitions = try await cluster.partitions()
        var positions: [TopicPosition] = []
        for source in schema.sources {
            let topic = namespace.topic(source)
            guard let count = partitions[topic] else {
                throw OperatorFailure(
                    .failure, "The cluster has no topic \(topic).", advice: "Run `scrm topics apply` first.")
            }
            positions.append(
                TopicPosition(
                    topic: topic, next: next[topic] ?? [:],
                    watermarks: try await cluster.watermarks(topic: topic, partitions: count)))
        }
        return positions
    }
}
