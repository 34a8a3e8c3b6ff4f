import LaneStorage
import Postgres
import WorkerRuntime

/// A lane store without the compare-and-set: whoever writes last is believed.
struct CarelessStore: LaneStore {
    let store: PostgresLaneStore
    let pool: PostgresPool

    func take(_ lanes: [Int32]) async throws -> [LaneState] { try await store.take(lanes) }

    func read(_ lane: Int32) async throws -> LaneState { try await store.read(lane) }

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

    func append(_ entries: [OutboxEntry], lane: Int32, in transaction: PostgresTransaction) async throws {
        try await store.append(entries, lane: lane, in: transaction)
    }

    func nextSequence(of lane: Int32, in transaction: PostgresTransaction) async throws -> Int64 {
        try await store.nextSequence(of: lane, in: transaction)
    }

    func putAside(
        _ sequence: Int64, lane: Int32, as deadLetter: DeadLetter, in transaction: PostgresTransaction
    ) async throws {
        try await store.putAside(sequence, lane: lane, as: deadLetter, in: transaction)
    }

    func insert(_ deadLetters: [DeadLetter], lane: Int32, in transaction: PostgresTransaction) async throws {
        try await store.insert(deadLetters, lane: lane, in: transaction)
    }

    func lanesWithRequests(among lanes: [Int32]) async throws -> Set<Int32> {
        try await store.lanesWithRequests(among: lanes)
    }

    func requests(of lane: Int32, maximumCount: Int, maximumBytes: Int) async throws -> [LaneRequest] {
        try await store.requests(of: lane, maximumCount: maximumCount, maximumBytes: maximumBytes)
    }

    func parkedRecords(
        behind key: [UInt8], lane: Int32, maximumCount: Int, maximumBytes: Int
    ) async throws -> [StoredRecord] {
        try await store.parkedRecords(
            behind: key, lane: lane, maximumCount: maximumCount, maximumBytes: maximumBytes)
    }

    func park(_ parking: Parking, lane: Int32, in transaction: PostgresTransaction) async throws {
        try await store.park(parking, lane: lane, in: transaction)
    }

    func settle(_ settlement: Settlement, lane: Int32, in transaction: PostgresTransaction) async throws -> Bool {
        try await store.settle(settlement, lane: lane, in: transaction)
    }
}
