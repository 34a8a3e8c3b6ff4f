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

    /// How far a number jumps that the clock has not reached: farther than any stream can have come.
    package static let jump: Int64 = 1 << 32

    /// Where numbers and epochs begin after a reset at this time: higher than all that were ever given, also those that a
    /// restored database has forgotten. Seconds since 2026 times 2²²: nobody publishes 2²² records of one lane in a
    /// second, and there is room until 2094 for the 1024 numbers of each raw offset.
    package static func numbers(atSeconds seconds: Int64) -> Int64 { max(0, seconds - 1_767_225_600) << 22 }

    /// The lanes that were ever taken, ascending.
    package func lanes() async throws -> [Int32] {
        try await databases.query(schema, "SELECT lane FROM \(schema.rawValue).lanes ORDER BY lane")
            .map { try $0.decode(Int32.self, at: 0) }
    }

    /// Resets in one transaction, under the lanes' locks. Makes lanes that are missing.
    ///
    /// Numbers begin where nobody has been, by the clock of the caller; where the clock is behind what is stored, they
    /// jump by ``jump`` instead. The epoch goes with them, so that a copy that is alive after all loses the lane before
    /// it can write, also one that took it after the backup and whose epoch a restored database would give again. Numbers
    /// of outbox entries move with the lane's next number: what a restored outbox holds may have been published under the
    /// old ones, which somebody else has used since.
    /// - Parameter numbers: see ``numbers(atSeconds:)``.
    package func perform(_ reset: LaneReset, clusterID: String, numbers: Int64) async throws {
        let name = schema.rawValue
        let numbered: [PostgresValue] = [.int32Array(reset.lanes), .int64(numbers), .int64(Self.jump)]
        try await databases.withConnection(schema) { connection in
            try await connection.withTransaction { transaction in
                for lane in reset.lanes {
                    try await transaction.execute("SELECT \(name).lock_lane($1, 5000)", [.int32(lane)])
                }
                try await transaction.execute(
                    """
                    WITH before AS (
                        SELECT lane, CASE WHEN $2 > next_seq THEN $2 - next_seq ELSE $3 END AS distance
                        FROM \(name).lanes WHERE lane = ANY ($1)
                    ), entries AS (
                        UPDATE \(name).outbox AS entry SET seq = entry.seq + before.distance
                        FROM before WHERE entry.lane = before.lane
                    )
                    UPDATE \(name).lanes AS stored
                    SET next_seq = stored.next_seq + before.distance,
                        epoch = CASE WHEN $2 > stored.epoch THEN $2 ELSE stored.epoch + $3 END
                    FROM before WHERE stored.lane = before.lane
                    """, numbered)
                try await transaction.execute(
                    """
                    INSERT INTO \(name).lanes (lane, epoch, next_seq)
                    SELECT wanted, $2 + 1, $2 + 1 FROM unnest($1) AS wanted
                    ON CONFLICT (lane) DO NOTHING
                    """, Array(numbered.prefix(2)))
                try await transaction.execute(
                    """
                    INSERT INTO \(name).offsets AS stored (topic, lane, next_offset, base, cluster_id)
                    SELECT topic, lane, next_offset, $4, $6 FROM unnest($1, $2, $3) AS reset (topic, lane, next_offset)
                    ON CONFLICT (topic, lane) DO UPDATE
                    SET next_offset = EXCLUDED.next_offset, cluster_id = EXCLUDED.cluster_id,
                        last_time = NULL, last_key_hash = NULL,
                        base = CASE WHEN $4 > stored.base + stored.next_offset THEN $4
                            ELSE stored.base + stored.next_offset + $5 END
                    """,
                    [
                        .textArray(reset.positions.map(\.topic)), .int32Array(reset.positions.map(\.lane)),
                        .int64Array(reset.positions.map(\.to)), .int64(numbers), .int64(Self.jump), .text(clusterID),
                    ])
            }
        }
    }
}
