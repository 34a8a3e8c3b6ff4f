import Contracts
import FleetOperator
import LaneStorage
import Postgres
import Records
import TestSupport
import Testing
import WorkerRuntime

/// What `scrm dead-letters` and `scrm keys` ask of the lanes' owners, on a real server. Needs the `PG*` variables.
@Suite(.requiresPostgres)
struct OperatorDeadLettersTests {
    private let schema = Schema.monitor

    private func withLetters(
        _ letters: [DeadLetter], _ body: (FleetDatabases, PostgresPool, PostgresLaneStore) async throws -> Void
    ) async throws {
        try await TestDatabase.withDatabase { database in
            let databases = FleetDatabases(configurations: { _ in database.configuration(poolSize: 2) })
            do {
                try await database.withPool { pool in
                    let store = PostgresLaneStore(pool: pool, schema: schema.rawValue)
                    _ = try await store.take([0, 1, 2])
                    try await insert(letters, store)
                    try await body(databases, pool, store)
                }
                await databases.close()
            } catch {
                await databases.close()
                throw error
            }
        }
    }

    private func insert(_ letters: [DeadLetter], _ store: PostgresLaneStore) async throws {
        for letter in letters {
            let claim = try await store.read(letter.record.partition).claim
            try await store.transaction(LaneAdvance(claim: claim)) { transaction in
                try await store.insert([letter], lane: claim.lane, in: transaction)
            }
        }
    }

    private func letter(
        _ offset: Int64, lane: Int32 = 0, reason: String = "rejected", key: String? = nil, recordKey: String? = nil,
        version: String? = nil
    ) -> DeadLetter {
        DeadLetter(
            record: Record(
                topic: "t", partition: lane, offset: offset, key: recordKey.map { Array($0.utf8) }, value: [1]),
            reason: reason, detail: "", key: key.map { Array($0.utf8) }, ruleVersion: version)
    }

    private func begin(
        _ selection: LetterSelection, _ databases: FleetDatabases, _ action: LetterOperation.Action = .redrive,
        by who: String = "a"
    ) async throws -> LetterOperation {
        try await LetterOperation(
            action, selection, who: who, reason: "test", schema: schema, databases: databases)
    }

    /// Offsets of the dead letters that were asked for, with the operation that did it.
    private func asked(_ pool: PostgresPool) async throws -> [String] {
        try await pool.execute(
            "SELECT action || operation || ':' || lane || ':' || origin FROM monitor.requests ORDER BY id"
        ).map { try $0.decode(String.self, at: 0) }
    }

    @Test func anInterruptedOperationGoesOnWhereItStood() async throws {
        try await withLetters((0..<7).map { letter($0, lane: Int32($0 % 3)) }) { databases, pool, store in
            let first = try await begin(LetterSelection(), databases)
            let page = try await first.askForMore(3)
            #expect(page == 3 && !first.isResumed)
            // What comes later is another operation's.
            try await insert([letter(99)], store)

            let second = try await begin(LetterSelection(), databases, by: "b")
            #expect(second.isResumed && second.id == first.id)
            let counts = [
                try await second.askForMore(3), try await second.askForMore(3), try await second.askForMore(3),
            ]
            #expect(counts == [3, 1, nil])
            let all = try await asked(pool)
            #expect(all == (0..<7).map { "redrive\(first.id):\($0 % 3):t[\($0 % 3)]@\($0)" })
            let names = try await pool.execute("SELECT asked_by FROM monitor.operations").map {
                try $0.decode(String.self, at: 0)
            }
            #expect(names == ["a"])

            try await second.finish()
            let third = try await begin(LetterSelection(), databases)
            #expect(!third.isResumed && third.id != first.id)
        }
    }

    @Test func twoWhoDoTheSameAtOnceAskOnce() async throws {
        try await withLetters((0..<40).map { letter($0) }) { databases, pool, _ in
            try await withThrowingTaskGroup(of: Int64.self) { group in
                for who in ["a", "b", "c"] {
                    group.addTask {
                        let operation = try await begin(LetterSelection(), databases, by: who)
                        while try await operation.askForMore(3) != nil {}
                        return operation.id
                    }
                }
                var ids: Set<Int64> = []
                for try await id in group { ids.insert(id) }
                #expect(ids.count == 1)
            }
            let all = try await asked(pool)
            #expect(Set(all).count == 40 && all.count == 40)
        }
    }

    @Test func aLetterWaitsForOneRequestAtATime() async throws {
        try await withLetters([letter(0), letter(1, reason: "other")]) { databases, pool, _ in
            var rejected = LetterSelection()
            rejected.error = "rejected"
            let first = try await begin(rejected, databases)
            while try await first.askForMore(10) != nil {}
            let everything = try await begin(LetterSelection(), databases, .discard)
            while try await everything.askForMore(10) != nil {}
            let all = try await asked(pool)
            #expect(all == ["redrive\(first.id):0:t[0]@0", "discard\(everything.id):0:t[0]@1"])
        }
    }

    @Test func lettersAreChosenByWhatIsKnownOfThem() async throws {
        let letters = [
            letter(0, reason: "malformed"), letter(1, key: "k"), letter(2, recordKey: "k"), letter(3, version: "v1"),
        ]
        try await withLetters(letters) { databases, pool, _ in
            try await pool.execute(
                "UPDATE monitor.dead_letters SET created_at = '2025-03-10T08:00:00Z' WHERE \"offset\" = 3")
            let third = try await pool.execute("SELECT id FROM monitor.dead_letters WHERE \"offset\" = 2")[0]
                .decode(Int64.self, at: 0)
            var cases: [(LetterSelection, [Int64])] = [(LetterSelection(), [0, 1, 2, 3])]
            func choose(_ offsets: [Int64], _ change: (inout LetterSelection) -> Void) {
                var selection = LetterSelection()
                change(&selection)
                cases.append((selection, offsets))
            }
            choose([0]) { $0.error = "malformed" }
            choose([1, 2]) { $0.key = "k" }
            choose([3]) { $0.ruleVersion = "v1" }
            choose([2]) { $0.ids = [third, 1_000_000] }
            choose([3]) { $0.until = "2025-03-10T08:00:01Z" }
            choose([]) { $0.until = "2025-03-10T08:00:00Z" }
            choose([0, 1, 2]) { $0.since = "24h" }
            choose([]) { selection in
                selection.error = "malformed"
                selection.key = "k"
            }
            #expect(Set(cases.map(\.0.text)).count == cases.count, "each has a text of its own")
            for (selection, offsets) in cases {
                let operation = try await begin(selection, databases)
                while try await operation.askForMore(1) != nil {}
                let found = try await pool.execute(
                    """
                    SELECT letter."offset" FROM monitor.requests JOIN monitor.dead_letters AS letter
                    ON letter.id = dead_letter WHERE operation = $1 ORDER BY 1
                    """, [.int64(operation.id)]
                ).map { try $0.decode(Int64.self, at: 0) }
                #expect(found == offsets, "\(selection.text)")
                try await pool.execute("DELETE FROM monitor.requests")
            }
        }
    }

    @Test func aKeyIsParkedInEveryLaneAndOnlyOnce() async throws {
        try await withLetters([]) { databases, pool, store in
            let key = Array("客户/1".utf8)
            func ask(_ action: KeyOperation.Action) async throws -> Int64? {
                try await KeyOperation(action: action, key: key, schema: schema, databases: databases)
                    .ask(who: "a", reason: "test", selection: "客户/1")
            }
            let nothing = try await ask(.unpark)
            #expect(nothing == nil)
            let first = try await ask(.park)
            let again = try await ask(.park)
            #expect(first != nil && again == first)
            for lane in Int32(0)...2 {
                let requests = try await store.requests(of: lane, maximumCount: 10, maximumBytes: 10)
                #expect(requests.map(\.action) == [.park(key)])
                var settlement = Settlement()
                settlement.answers = requests.map { .init(request: $0.id, outcome: .done) }
                let (claim, answers) = (try await store.read(lane).claim, settlement)
                try await store.transaction(LaneAdvance(claim: claim)) { transaction in
                    let isNew = try await store.settle(answers, lane: lane, in: transaction)
                    #expect(isNew)
                    try await store.park(Parking(keys: [key], held: true), lane: lane, in: transaction)
                }
            }
            let parked = try await ask(.park)
            #expect(parked == nil, "a second run changes nothing")
            let lanes = try await KeyOperation(action: .unpark, key: key, schema: schema, databases: databases).lanes()
            #expect(lanes == [0, 1, 2])
            let operations = try await pool.execute("SELECT FROM monitor.operations").count
            #expect(operations == 1)
        }
    }

    @Test func aWorkersRoleCannotRewriteWhoAskedForWhat() async throws {
        try await TestDatabase.withDatabase { database in
            try await database.withPool(user: schema.role) { pool in
                for sql in [
                    "UPDATE monitor.operations SET asked_by = 'x'", "DELETE FROM monitor.operations",
                    "INSERT INTO monitor.operations (action, selection, asked_by, reason) VALUES ('', '', '', '')",
                ] {
                    let error = await #expect(throws: PostgresError.self) { try await pool.execute(sql) }
                    #expect(error?.sqlState == .insufficientPrivilege)
                }
                try await pool.execute("SELECT FROM monitor.operations")
            }
        }
    }

    /// Dead letters from before this version can be redriven too.
    @Test func oldDeadLettersAreGivenTheirLanes() async throws {
        try await TestDatabase.withDatabase(migrated: false) { database in
            try await database.withPool(size: 1) { pool in
                let steps = Migrations.all(for: schema).map { MigrationStep(name: $0.name, sql: $0.sql) }
                let before = try #require(steps.firstIndex { $0.name.hasSuffix("_parking") })
                try await pool.withConnection { connection in
                    try await Migrator.apply(
                        Array(steps[..<before]), schema: schema.rawValue, on: connection)
                    try await connection.executeScript(
                        """
                        INSERT INTO monitor.dead_letters (topic, partition, "offset", reason, detail, attempts) VALUES
                            ('t', 5, 1, 'malformed_json', 'of lane 9: no', 1),
                            ('alerts.v1', -1, 17, 'refused_by_broker', 'outbox entry 17 of lane 11: too large', 1),
                            ('alerts.v1', 3, 18, 'refused_by_broker', 'lost', 1)
                        """)
                    try await Migrator.apply(steps, schema: schema.rawValue, on: connection)
                }
                let rows = try await pool.execute(
                    "SELECT lane, outgoing FROM monitor.dead_letters ORDER BY \"offset\"")
                let lanes = try rows.map { try $0.decode(Int32.self, at: 0) }
                let outgoing = try rows.map { try $0.decode(Bool.self, at: 1) }
                #expect(lanes == [5, 11, 0] && outgoing == [false, true, true])
            }
        }
    }
}
