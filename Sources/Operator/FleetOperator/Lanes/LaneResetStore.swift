package import Contracts
import Postgres

/// The lanes of one worker, for resetting.
package struct LaneResetStore: Sendable {
    private let databases: FleetDatabases
    private let schema: Schema

    package init(databases: FleetDatabases, schema: Schema) {
        self.databases = databases
        self.schema = schema
    }

    /// How far numbers and epochs jump: farther than any stream can have come, and still a million jumps from the end of Int64.
    package static let jump: Int64 = 1 << 32

    /// The lanes that were ever taken, ascending.
    package func lanes() async throws -> [Int32] {
        try await databases.query(schema, "SELECT lane FROM \(schema.rawValue).lanes ORDER BY lane")
            .map { try $0.decode(Int32.self, at: 0) }
    }

    /// Resets in one transaction, under the lanes' locks.
    ///
    /// The epoch jumps, so that a copy that is alive after all loses the lane before it can write, also one that took it
    /// after the backup and whose epoch a restored database would give again. Numbers of outbox
    /// entries move with the lane's next number: what a restored outbox holds may have been published under the old
    /// ones, which somebody else has used since.
    package func perform(_ reset: LaneReset, clusterID: String) async throws {
        let name = schema.rawValue
        let lanes: [PostgresValue] = [.int32Array(reset.lanes)]
        let jumped: [PostgresValue] = lanes + [.int64(Self.jump)]
        try await databases.withConnection(schema) { connection in
            try await connection.withTransaction { transaction in
                for lane in reset.lanes.sorted() {
                    try await transaction.execute("SELECT \(name).lock_lane($1, 5000)", [.int32(lane)])
                }
                try await transaction.execute(
                    "UPDATE \(name).lanes SET epoch = epoch + $2, next_seq = next_seq + $2 WHERE lane = ANY ($1)",
                    jumped
                )
                try await transaction.execute(
                    "UPDATE \(name).outbox SET seq = seq + $2 WHERE lane = ANY ($1)", jumped)
                try await transaction.execute(
                    """
                    UPDATE \(name).offsets AS stored
                    SET next_offset = reset.next_offset, base = stored.base + $4, cluster_id = $5
                    FROM unnest($1, $2, $3) AS reset (topic, lane, next_offset)
                    WHERE stored.topic = reset.topic AND stored.lane = reset.lane
                    """,
                    [
                        .textArray(reset.positions.map(\.topic)), .int32Array(reset.positions.map(\.lane)),
                        .int64Array(reset.positions.map(\.to)), .int64(Self.jump), .text(clusterID),
                    ])
            }
        }
    }
}
