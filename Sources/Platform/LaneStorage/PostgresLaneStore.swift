package import Logging
package import Postgres
import Records
package import WorkerRuntime

/// The lanes of one worker, in the tables of its schema.
///
/// What the lane's owner may do is decided by the database alone: each transaction first takes the lane's advisory lock,
/// then compares epoch and offsets with what the caller believes (`advance_lanes`), all in the round trip of BEGIN.
package struct PostgresLaneStore: LaneStore {
    package typealias Transaction = PostgresTransaction

    let pool: PostgresPool
    let statements: LaneStatements
    /// How long a holder of a lane's lock is waited for before its session is ended.
    private let lockTimeout: Duration
    private let logger: Logger

    /// How often ``take(_:)`` ends holders and tries again before it leaves it to the runtime's retry.
    private static let takeAttempts = 5

    /// - Parameter schema: A name from a constant: it is spliced into SQL.
    package init(
        pool: PostgresPool, schema: String, lockTimeout: Duration = .seconds(2),
        logger: Logger = Logger(label: "lane-storage")
    ) {
        self.pool = pool
        self.statements = LaneStatements(schema: schema)
        self.lockTimeout = lockTimeout
        self.logger = logger
    }

    package func take(_ lanes: [Int32]) async throws -> [LaneState] {
        if lanes.isEmpty { return [] }
        var attempt = 1
        while true {
            do {
                return try await pool.withTransaction { transaction in
                    let rows = try await transaction.pipeline(
                        [statements.take(lanes, lockTimeout)] + statements.states(of: lanes))
                    return try LaneStates(rows[1...]).states
                }
            } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
                try await terminateHolders(of: lanes)
                if attempt == Self.takeAttempts { throw error }
                attempt += 1
            }
        }
    }

    package func read(_ lane: Int32) async throws -> LaneState {
        // One snapshot for all, so that epoch and offsets belong together.
        let snapshot = ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", [PostgresValue]())
        return try await pool.withTransaction(opening: [snapshot]) { transaction in
            let rows = try await transaction.pipeline(statements.states(of: [lane]))
            return try LaneStates(rows[...]).states.first
                ?? LaneState(claim: LaneClaim(lane: lane, epoch: 0))
        }
    }

    package func transaction<Result: Sendable>(
        _ advance: LaneAdvance, _ body: (PostgresTransaction) async throws -> Result
    ) async throws -> Result {
        var begun = false
        do {
            let opening = [statements.advance([advance], lockTimeout)]
            return try await pool.withTransaction(opening: opening) { transaction in
                begun = true
                return try await body(transaction)
            }
        } catch let error as PostgresError where !begun {
            switch error.sqlState {
            case .laneRefused: throw LaneRefused(lane: advance.claim.lane)
            case .lockNotAvailable:
                // A former session of ours, whose end the server has not noticed, may hold the lock. Only the lane's
                // owner may end it; anyone else is told what advance_lanes would have said.
                guard try await read(advance.claim.lane).claim == advance.claim else {
                    throw LaneRefused(lane: advance.claim.lane)
                }
                try await terminateHolders(of: [advance.claim.lane])
                throw error
            default: throw error
            }
        }
    }

    package func transaction<Result: Sendable>(
        together advances: [LaneAdvance], _ body: (PostgresTransaction) async throws -> Result
    ) async throws -> Result {
        var begun = false
        do {
            let opening = [statements.advance(advances, lockTimeout)]
            return try await pool.withTransaction(opening: opening) { transaction in
                begun = true
                return try await body(transaction)
            }
        } catch let error as PostgresError where !begun && error.sqlState == .laneRefused {
            // Which lane it was, the server doesn't say.
            throw LaneRefused(lane: advances[0].claim.lane)
        }
    }

    package func append(_ entries: [OutboxEntry], lane: Int32, in transaction: PostgresTransaction) async throws {
        guard let first = entries.first else { return }
        for (index, entry) in entries.enumerated() where entry.sequence != first.sequence + Int64(index) {
            throw PostgresError.misuse("the outbox entries of lane \(lane) are not consecutive")
        }
        let (sql, binds) = statements.append(entries, lane: lane, first: first.sequence)
        do {
            try await transaction.execute(sql, binds)
        } catch {
            guard error.sqlState == .outboxOutOfStep else { throw error }
            throw LaneRefused(lane: lane)
        }
    }

    package func nextSequence(of lane: Int32, in transaction: PostgresTransaction) async throws -> Int64 {
        let (sql, binds) = statements.nextSequence(of: lane)
        guard let row = try await transaction.execute(sql, binds).first else {
            throw PostgresError.misuse("lane \(lane) was never taken")
        }
        return try row.decode(Int64.self, at: 0)
    }

    package func renumber(
        _ lane: Int32, under configuration: String, by step: Int64, in transaction: PostgresTransaction
    ) async throws -> [String: Int64] {
        let rows = try await transaction.pipeline(statements.renumber(lane, under: configuration, by: step))
        var bases: [String: Int64] = [:]
        for row in rows[1] {
            let (topic, base) = try row.decode(String.self, Int64.self)
            bases[topic] = base
        }
        return bases
    }

    package func putAside(
        _ sequence: Int64, lane: Int32, as deadLetter: DeadLetter, in transaction: PostgresTransaction
    ) async throws {
        let (sql, binds) = statements.remove(sequence, lane: lane)
        if try await transaction.execute(sql, binds).isEmpty { return }
        try await insert([deadLetter], lane: lane, in: transaction)
    }

    package func insert(_ deadLetters: [DeadLetter], lane: Int32, in transaction: PostgresTransaction) async throws {
        if deadLetters.isEmpty { return }
        try await transaction.copy(try statements.copy(deadLetters, lane: lane))
    }

    private func terminateHolders(of lanes: [Int32]) async throws {
        let (sql, binds) = statements.terminateHolders(of: lanes, lockTimeout)
        let rows = try await pool.execute(sql, binds)
        let count = try rows[0].decode(Int64.self, at: 0)
        if count > 0 {
            logger.notice(
                "ended sessions that held the lock of a lane",
                metadata: ["lane.numbers": "\(lanes)", "session.count": "\(count)"])
        }
    }
}

extension SQLState {
    /// Raised by `advance_lanes`.
    static let laneRefused = SQLState(rawValue: "SF001")
    /// Raised by `append_outbox`.
    static let outboxOutOfStep = SQLState(rawValue: "SF002")
}
