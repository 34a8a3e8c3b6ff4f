import Postgres
import Synchronization
import TestSupport
import Testing

@Suite(.requiresPostgres)
struct PostgresPoolTests {
    private func configuration(size: Int, wait: Duration = Patience.limit) -> PostgresConfiguration {
        var configuration = PostgresConfiguration(database: "postgres", applicationName: "tests").patient()
        configuration.pool = PostgresConfiguration.Pool(size: size, waitTimeout: wait)
        return configuration
    }

    @Test func neverMoreConnectionsThanItsSize() async throws {
        try await TestDatabase.withPool(configuration(size: 3)) { pool in
            let lent = Tally()
            let pids = try await withThrowingTaskGroup(of: Int32.self) { group in
                for _ in 0..<60 {
                    group.addTask {
                        try await pool.withConnection { connection in
                            lent.begin(0)
                            defer { lent.end() }
                            let rows = try await connection.execute("SELECT pg_backend_pid()")
                            return try rows[0].decode(Int32.self, at: 0)
                        }
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(lent.most <= 3)
            #expect(pids.count <= 3)
        }
    }

    /// Libpq itself would wait for the first host until the network gives up.
    @Test func aHostThatTakesTheConnectionAndSaysNothingDoesNotHideTheNextOne() async throws {
        let silent = try SilentHost()
        let server = try await TestDatabase.withServer { connection in
            try await connection.execute(
                """
                SELECT split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'),
                    coalesce(host(inet_server_addr()), '')
                """)[0].decode(String.self, String.self, String.self)
        }
        let host = server.2.isEmpty ? server.0 : server.2
        var configuration = PostgresConfiguration(
            connectionString: "host=127.0.0.1,\(host) port=\(silent.port),\(server.1)", database: "postgres",
            applicationName: "tests")
        configuration.connectTimeout = .seconds(3)
        configuration.pool = PostgresConfiguration.Pool(size: 1)
        try await TestDatabase.withPool(configuration) { pool in
            try await eventually("the next one is found, which has three seconds as well") {
                do {
                    return try await pool.execute("SELECT 1::int8")[0].decode(Int64.self, at: 0) == 1
                } catch PostgresError.connection {
                    return false
                }
            }
        }
    }

    @Test func whoeverAskedFirstIsServedFirst() async throws {
        try await TestDatabase.withPool(configuration(size: 1)) { pool in
            let served = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await pool.withConnection { _ in
                    for number in 0..<8 {
                        group.addTask {
                            try await pool.withConnection { _ in
                                served.begin(number)
                                served.end()
                            }
                        }
                        try await eventually("caller \(number) waits") { pool.waitingCount == number + 1 }
                    }
                }
                try await group.waitForAll()
            }
            #expect(served.order == Array(0..<8))
        }
    }

    @Test func waitingEndsAtTheTimeOut() async throws {
        try await TestDatabase.withPool(configuration(size: 1, wait: .milliseconds(20))) { pool in
            try await pool.withConnection { _ in
                await #expect(throws: PostgresError.timedOut("waiting for one of 1 PostgreSQL connections")) {
                    try await pool.execute("SELECT 1")
                }
                #expect(pool.waitingCount == 0)
            }
            let answer = try await pool.execute("SELECT 1").count
            #expect(answer == 1)
        }
    }

    @Test func aCancelledCallerLeavesTheQueue() async throws {
        try await TestDatabase.withPool(configuration(size: 1)) { pool in
            try await pool.withConnection { _ in
                let impatient = Task { try await pool.execute("SELECT 1") }
                try await eventually("the caller waits") { pool.waitingCount == 1 }
                impatient.cancel()
                await #expect(throws: PostgresError.cancelled) { try await impatient.value }
                #expect(pool.waitingCount == 0)
            }
            let answer = try await pool.execute("SELECT 1").count
            #expect(answer == 1)
        }
    }

    @Test func aConnectionTheServerClosedWhileIdleIsReplacedUnnoticed() async throws {
        try await TestDatabase.withPool(configuration(size: 1)) { pool in
            let pid = try await pool.execute("SELECT pg_backend_pid()")[0].decode(Int32.self, at: 0)
            try await TestDatabase.withServer { server in
                try await server.execute("SELECT pg_terminate_backend($1, 10000)", [.int32(pid)])
            }
            let next = try await pool.execute("SELECT pg_backend_pid()")[0].decode(Int32.self, at: 0)
            #expect(next != pid)
        }
    }

    @Test func aTransactionLeftOpenByItsBorrowerIsNotLentAgain() async throws {
        try await TestDatabase.withPool(configuration(size: 1)) { pool in
            let first = try await pool.withConnection { connection in
                try await connection.execute("BEGIN")
                return await connection.backendProcessID
            }
            let second = try await pool.withConnection { await $0.backendProcessID }
            #expect(first != second)
        }
    }

    @Test func aFailedConnectGivesItsPlaceBack() async throws {
        var wrong = configuration(size: 1)
        wrong.connectionString = "postgres://u@127.0.0.1:1/x"
        try await TestDatabase.withPool(wrong) { pool in
            for _ in 0..<3 {
                let error = await #expect(throws: PostgresError.self) { try await pool.execute("SELECT 1") }
                guard case .connection = error else {
                    Issue.record("unexpected: \(String(describing: error))")
                    return
                }
            }
        }
    }

    @Test func aClosedPoolRefusesAndTellsWhoeverWaits() async throws {
        let pool = PostgresPool(configuration(size: 1))
        try await pool.withConnection { connection in
            let waiting = Task { try await pool.execute("SELECT 1") }
            try await eventually("the caller waits") { pool.waitingCount == 1 }
            await pool.close()
            await #expect(throws: PostgresError.closed) { try await waiting.value }
            // What is lent may finish.
            let answer = try await connection.execute("SELECT 1").count
            #expect(answer == 1)
        }
        await #expect(throws: PostgresError.closed) { try await pool.execute("SELECT 1") }
    }

    @Test func runClosesThePoolWhenItIsCancelled() async throws {
        let pool = PostgresPool(configuration(size: 1))
        let running = Task { try await pool.run() }
        let answer = try await pool.execute("SELECT 1").count
        #expect(answer == 1)
        running.cancel()
        try await running.value
        await #expect(throws: PostgresError.closed) { try await pool.execute("SELECT 1") }
    }
}

/// Counts who is inside, and in which order they came.
private final class Tally: Sendable {
    private let state = Mutex((now: 0, most: 0, order: [Int]()))

    func begin(_ number: Int) {
        state.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1), $0.order + [number]) }
    }

    func end() { state.withLock { $0.now -= 1 } }

    var most: Int { state.withLock { $0.most } }
    var order: [Int] { state.withLock { $0.order } }
}
