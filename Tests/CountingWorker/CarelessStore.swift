import LaneStorage
import Postgres
import TestSupport
import WorkerRuntime

/// A lane store without the compare-and-set: whoever writes last is believed.
struct CarelessStore: LaneStoreWrapper {
    let base: PostgresLaneStore
    let pool: PostgresPool

    func transaction<Result: Sendable>(
        _ advance: LaneAdvance, _ body: (PostgresTransaction) async throws -> Result
    ) async throws -> Result {
        try await pool.withTransaction { transaction in
            let result = try await body(transaction)
            for (topic, step) in advance.offsets {
                try await transaction.execute(
                    """
                    INSERT INTO counting.offsets (topic, lane, next_offset, cluster_id) VALUES ($1, $2, $3, $4)
                    ON CONFLICT (topic, lane) DO UPDATE SET next_offset = excluded.next_offset
                    """,
                    [.text(topic), .int32(advance.claim.lane), .int64(step.to), .text(step.clusterID)])
            }
            for (stream, last) in advance.streams {
                try await transaction.execute(
                    """
                    INSERT INTO counting.streams (topic, lane, source, last_seq) VALUES ($1, $2, $3, $4)
                    ON CONFLICT (lane, topic, source) DO UPDATE SET last_seq = excluded.last_seq
                    """,
                    [.text(stream.topic), .int32(advance.claim.lane), .text(stream.source), .int64(last)])
            }
            return result
        }
    }
}
