import Contracts
import LaneStorage
import Postgres
import Records
import TestSupport
import Testing
import WorkerRuntime

@Suite(.requiresPostgres)
struct LaneStorageTests {
    private let schema = Schema.monitor.rawValue

    /// - Parameter lockTimeout: how long a holder may work; shorter than this only in tests of holders that never let go.
    private func withStore(
        lockTimeout: Duration = Patience.limit, _ body: (PostgresLaneStore, PostgresPool) async throws -> Void
    ) async throws {
        try await TestDatabase.withDatabase { database in
            try await database.withPool { pool in
                try await body(PostgresLaneStore(pool: pool, schema: schema, lockTimeout: lockTimeout), pool)
            }
        }
    }

    /// Sessions that hold the lock of a lane.
    private func holders(of lane: Int32, _ pool: PostgresPool) async throws -> Int {
        try await pool.execute(
            """
            SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = $1::int8::oid
                AND classid = \(schema).lane_lock_class()::oid
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """, [.int64(Int64(lane))]
        ).count
    }

    @Test func keepsThePromisesOfALaneStore() async throws {
        try await withStore { store, pool in
            try await laneStoreSuite {
                store
            } deadLetters: {
                try await letters(pool)
            } ask: { action, lane in
                try await ask(action, lane, pool)
            }
        }
    }

    @Test func keepsThePromisesAsTheWorkersRole() async throws {
        try await TestDatabase.withDatabase { database in
            try await database.withPool(user: Schema.monitor.role) { pool in
                try await laneStoreSuite {
                    PostgresLaneStore(pool: pool, schema: schema)
                } deadLetters: {
                    try await letters(pool)
                } ask: { action, lane in
                    try await database.withPool(size: 1) { operators in try await ask(action, lane, operators) }
                }
            }
        }
    }

    private func letters(_ pool: PostgresPool) async throws -> [(id: Int64, reason: String)] {
        try await pool.execute("SELECT id, reason FROM \(schema).dead_letters ORDER BY id").map {
            try $0.decode(Int64.self, String.self)
        }
    }

    private func ask(_ action: AskedAction, _ lane: Int32, _ pool: PostgresPool) async throws {
        let (word, letter, key): (String, Int64?, [UInt8]?) =
            switch action {
            case .redrive(let id): ("redrive", id, nil)
            case .discard(let id): ("discard", id, nil)
            case .park(let key): ("park", nil, key)
            case .unpark(let key): ("unpark", nil, key)
            }
        try await pool.execute(
            """
            WITH operation AS (
                INSERT INTO \(schema).operations (action, selection, asked_by, reason)
                VALUES ($1, gen_random_uuid()::text, 'test', 'test') RETURNING id
            )
            INSERT INTO \(schema).requests (operation, lane, action, dead_letter, key)
            SELECT id, $2, $1, $3, $4 FROM operation
            """,
            [.text(word), .int32(lane), PostgresValue(int64: letter), PostgresValue(bytes: key)])
    }

    @Test func ofTwoOwnersOnlyTheSecondAdvances() async throws {
        try await withStore { store, _ in
            let first = try await store.take([1])[0].claim
            let second = try await store.take([1])[0].claim
            func batch(_ claim: LaneClaim) -> LaneAdvance {
                LaneAdvance(claim: claim, offsets: ["t": OffsetStep(from: nil, to: 3, clusterID: "c")])
            }
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for claim in [first, second] {
                    group.addTask {
                        do {
                            try await store.transaction(batch(claim)) { _ in }
                            return claim == second
                        } catch is LaneRefused {
                            return claim == first
                        }
                    }
                }
                for try await asExpected in group { #expect(asExpected) }
            }
        }
    }

    @Test func aHolderThatNeverLetsGoIsEndedByItsSuccessor() async throws {
        try await withStore(lockTimeout: .seconds(1)) { store, pool in
            let claim = try await store.take([3])[0].claim
            let successor = try await withThrowingTaskGroup(of: LaneState?.self) { group in
                let (held, holding) = AsyncStream.makeStream(of: Void.self)
                let (ended, end) = AsyncStream.makeStream(of: Void.self)
                group.addTask {
                    do {
                        try await store.transaction(
                            LaneAdvance(claim: claim, offsets: ["t": OffsetStep(from: nil, to: 3, clusterID: "c")])
                        ) { transaction in
                            holding.yield()
                            // Held until the successor has the lane.
                            for await _ in ended { break }
                            try await transaction.execute("SELECT 1")
                        }
                        Issue.record("the former owner committed")
                    } catch let error as PostgresError {
                        #expect(error.disposition == .retry)
                    }
                    return nil
                }
                for await _ in held { break }
                let state = try await store.take([3])[0]
                end.yield()
                try await group.waitForAll()
                return state
            }
            #expect(successor.claim.epoch == claim.epoch + 1)
            #expect(successor.offsets.isEmpty)
        }
    }

    @Test func aSessionStuckInCopyIsEndedByItsSuccessor() async throws {
        try await withStore(lockTimeout: .seconds(1)) { store, pool in
            _ = try await store.take([4])
            // A client that stopped in the middle of COPY: it holds the lock and sends nothing more.
            let rows = try await pool.execute("SELECT current_database()")
            let stuck = try StuckCopy(
                database: try rows[0].decode(String.self, at: 0),
                script: """
                    BEGIN; SELECT \(schema).lock_lane(4, 1000);
                    COPY \(schema).snapshots (kind, key, version, value) FROM STDIN;
                    """)
            defer { stuck.end() }
            try await eventually("the client is inside COPY") {
                try await !pool.execute(
                    """
                    SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%COPY%STDIN%'
                        AND wait_event = 'ClientRead'
                    """
                ).isEmpty
            }
            let state = try await store.take([4])[0]
            #expect(state.claim.epoch == 2)
        }
    }

    @Test func aLockThatOurOwnLostSessionHoldsIsFreedForItsOwnerOnly() async throws {
        try await withStore(lockTimeout: .seconds(1)) { store, pool in
            let stale = try await store.take([6])[0].claim
            let owner = try await store.take([6])[0].claim
            // A session of ours that the server has not noticed to be gone.
            let lost = Task {
                try await pool.withTransaction { transaction in
                    try await transaction.execute("SELECT \(schema).lock_lane(6, 1000)")
                    try await transaction.execute("SELECT pg_sleep(3600)")
                }
            }
            defer { lost.cancel() }
            try await eventually("the lost session holds the lock") { try await holders(of: 6, pool) == 1 }
            await #expect(throws: LaneRefused(lane: 6)) {
                try await store.transaction(LaneAdvance(claim: stale)) { _ in }
            }
            let stillHeld = try await holders(of: 6, pool)
            #expect(stillHeld == 1, "a stale claim may not end it")
            let error = await #expect(throws: PostgresError.self) {
                try await store.transaction(LaneAdvance(claim: owner)) { _ in }
            }
            #expect(error?.disposition == .retry)
            try await eventually("the session has ended") { try await holders(of: 6, pool) == 0 }
            let ended = await #expect(throws: PostgresError.self) { try await lost.value }
            #expect(ended?.sqlState == .adminShutdown)
            try await store.transaction(LaneAdvance(claim: owner)) { _ in }
        }
    }

    @Test func waitingForTheLaneDoesNotLimitTheBodysOwnLocks() async throws {
        try await withStore { store, _ in
            let claim = try await store.take([7])[0].claim
            let timeout = try await store.transaction(LaneAdvance(claim: claim)) { transaction in
                try await transaction.execute("SELECT current_setting('lock_timeout')")[0].decode(String.self, at: 0)
            }
            #expect(timeout == "0")
        }
    }

    @Test func aGapInTheOutboxIsRefused() async throws {
        try await withStore { store, _ in
            let claim = try await store.take([8])[0].claim
            func entry(_ sequence: Int64) -> OutboxEntry {
                OutboxEntry(sequence: sequence, record: OutgoingRecord(topic: "t", value: nil))
            }
            // What else may have used the numbers is for the runtime to find out.
            await #expect(throws: LaneRefused(lane: 8)) {
                try await store.transaction(LaneAdvance(claim: claim)) { transaction in
                    try await store.append([entry(2)], lane: 8, in: transaction)
                }
            }
            let error = await #expect(throws: PostgresError.self) {
                try await store.transaction(LaneAdvance(claim: claim)) { transaction in
                    try await store.append([entry(1), entry(3)], lane: 8, in: transaction)
                }
            }
            #expect(error?.disposition == .halt)
        }
    }

    @Test func deadLettersKeepNullApartFromEmpty() async throws {
        try await withStore { store, pool in
            let claim = try await store.take([9])[0].claim
            let letters = [
                DeadLetter(
                    record: Record(topic: "t", partition: 9, offset: 1, timestampMilliseconds: 5, key: nil, value: nil),
                    reason: "tombstone", detail: "no value"),
                DeadLetter(
                    record: Record(
                        topic: "t", partition: 9, offset: 2, timestampMilliseconds: .max, key: [], value: [],
                        headers: [Header("h", nil), Header("h", []), Header("a\0b", [0])]),
                    reason: "malformed_json", detail: "at byte 0: \0", attempts: 3),
            ]
            try await store.transaction(LaneAdvance(claim: claim)) { transaction in
                try await store.insert(letters, lane: 9, in: transaction)
            }
            let rows = try await pool.execute(
                """
                SELECT key, value, header_names, header_values, record_time, detail, attempts, reason
                FROM \(schema).dead_letters ORDER BY "offset"
                """)
            let first = try rows[0].decode(
                [UInt8]?.self, [UInt8]?.self, [String].self, [[UInt8]?].self, PostgresTimestamp?.self)
            #expect(first.0 == nil && first.1 == nil && first.2 == [] && first.3 == [])
            #expect(first.4 == PostgresTimestamp(milliseconds: 5))
            let second = try rows[1].decode(
                [UInt8]?.self, [UInt8]?.self, [String].self, [[UInt8]?].self, PostgresTimestamp?.self, String.self,
                Int32.self, String.self)
            #expect(second.0 == [] && second.1 == [])
            #expect(second.2 == ["h", "h", "a\u{FFFD}b"])
            #expect(second.3 == [nil, [], [0]])
            #expect(second.4 == nil, "a time PostgreSQL cannot hold is left out")
            #expect(second.5 == "at byte 0: \u{FFFD}")
            #expect(second.6 == 3)
            #expect(second.7 == "malformed_json")
        }
    }
}
