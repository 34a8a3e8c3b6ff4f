import Logging
import Postgres
import TestSupport
import Testing

@Suite(.requiresPostgres)
struct PostgresStatementTests {
    @Test func aPipelineAnswersInOrder() async throws {
        try await TestDatabase.withServer { connection in
            let rows = try await connection.pipeline((0..<500).map { ("SELECT $1::int8", [.int64($0)]) })
            #expect(try rows.map { try $0[0].decode(Int64.self, at: 0) } == Array(0..<500))
        }
    }

    @Test func aPipelineReportsItsFirstFailureAndUndoesTheRest() async throws {
        try await TestDatabase.withServer { connection in
            try await connection.executeScript("CREATE TEMP TABLE piped (id int8 PRIMARY KEY)")
            let insert = "INSERT INTO piped VALUES ($1)"
            let error = await #expect(throws: PostgresError.self) {
                try await connection.pipeline([
                    (insert, [.int64(1)]), ("SELECT 1 / $1::int8", [.int64(0)]), ("SELECT nonsense", []),
                ])
            }
            #expect(error?.sqlState == .divisionByZero)
            let answer = try await connection.execute("SELECT FROM piped").count
            #expect(answer == 0)
            let inserted = try await connection.execute(insert, [.int64(1)]).affected
            #expect(inserted == 1)
        }
    }

    @Test func moreThanBothSocketBuffersGoesThroughAPipeline() async throws {
        try await TestDatabase.withServer { connection in
            let text = String(repeating: "x", count: 1 << 20)
            let rows = try await connection.pipeline((0..<32).map { _ in ("SELECT $1::text", [.text(text)]) })
            #expect(try rows.allSatisfy { try $0[0].decode(String.self, at: 0).utf8.count == text.utf8.count })
        }
    }

    @Test func oneTextWithOtherTypesIsAnotherStatement() async throws {
        try await TestDatabase.withServer { connection in
            for bind in [PostgresValue.int64(7), .text("7"), .null, .int32(7)] {
                let rows = try await connection.execute("SELECT coalesce($1, NULL)::text", [bind])
                let text = try rows[0].decode(String?.self, at: 0)
                #expect(text == (bind == .null ? nil : "7"))
            }
        }
    }

    @Test func statementsBeyondTheCacheStillRun() async throws {
        var configuration = PostgresConfiguration(database: "postgres", applicationName: "tests").patient()
        configuration.statementCacheCapacity = 3
        let connection = try await PostgresConnection.connect(configuration, logger: Logger(label: "tests"))
        for round in 0..<2 {
            for number in 0..<10 {
                let rows = try await connection.execute("SELECT \(number) + $1::int4", [.int32(Int32(round))])
                #expect(try rows[0].decode(Int32.self, at: 0) == Int32(number + round))
            }
        }
        let prepared = try await connection.execute("SELECT count(*) FROM pg_prepared_statements")
        #expect(try prepared[0].decode(Int64.self, at: 0) == 3)
        await connection.close()
    }

    @Test func theServersReportIsTypedAndHidesTheRow() async throws {
        try await TestDatabase.withServer { connection in
            try await connection.executeScript("CREATE TEMP TABLE people (phone text PRIMARY KEY, age int4 NOT NULL)")
            try await connection.execute("INSERT INTO people VALUES ('13800138000', 1)")
            let duplicate = await #expect(throws: PostgresError.self) {
                try await connection.execute("INSERT INTO people VALUES ($1, 1)", [.text("13800138000")])
            }
            guard case .server(let report) = try #require(duplicate) else {
                Issue.record("not a report of the server")
                return
            }
            #expect(report.sqlState == .uniqueViolation)
            #expect(report.constraint == "people_pkey")
            #expect(report.table == "people")
            #expect(!"\(report)".contains("13800138000"))

            let missing = await #expect(throws: PostgresError.self) {
                try await connection.execute("INSERT INTO people VALUES ('13900139000', NULL)")
            }
            #expect(missing?.sqlState == .notNullViolation)
            #expect(!"\(try #require(missing))".contains("13900139000"))

            let malformed = await #expect(throws: PostgresError.self) {
                try await connection.execute("SELECT $1::text::int8", [.text("phone 13800138000")])
            }
            #expect(malformed?.sqlState == SQLState(rawValue: "22P02"))
            #expect(!"\(try #require(malformed))".contains("13800138000"))
        }
    }

    @Test func aMalformedUrlIsRefusedWithoutShowingIt() async throws {
        let configuration = PostgresConfiguration(
            connectionString: "postgres://user:hunter2%zz@localhost/x", applicationName: "tests")
        let error = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.connect(configuration, logger: Logger(label: "tests"))
        }
        #expect(error == .configuration("the database URL is malformed"))
        #expect(!"\(try #require(error))".contains("hunter2"))
    }

    @Test func aServerThatIsNotThereIsAConnectionError() async throws {
        let configuration = PostgresConfiguration(
            connectionString: "postgres://u@127.0.0.1:1/x", applicationName: "tests")
        let error = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.connect(configuration, logger: Logger(label: "tests"))
        }
        guard case .connection = error else {
            Issue.record("unexpected: \(String(describing: error))")
            return
        }
    }

    @Test func sessionsCarryTheirNameAndLimits() async throws {
        var configuration = PostgresConfiguration(database: "postgres", applicationName: "archive-ingest").patient()
        configuration.serverSettings["search_path"] = #""some where", pg_catalog"#
        configuration.idleInTransactionTimeout = .seconds(7)
        let connection = try await PostgresConnection.connect(configuration, logger: Logger(label: "tests"))
        for (setting, value) in [
            ("application_name", "archive-ingest"), ("idle_in_transaction_session_timeout", "7s"),
            ("search_path", #""some where", pg_catalog"#), ("client_encoding", "UTF8"),
        ] {
            let rows = try await connection.execute("SELECT current_setting($1)", [.text(setting)])
            #expect(try rows[0].decode(String.self, at: 0) == value)
        }
        await connection.close()
    }

    @Test func twoStatementsAtOnceOnOneConnectionAreOurMistake() async throws {
        try await TestDatabase.withServer { connection in
            let slow = Task { try await connection.execute("SELECT pg_sleep(3600)") }
            let pid = await connection.backendProcessID
            try await TestDatabase.withServer { observer in
                try await eventually("the statement runs") {
                    try await !observer.execute(
                        "SELECT FROM pg_stat_activity WHERE pid = $1 AND query LIKE '%pg_sleep%' AND state = 'active'",
                        [.int32(pid)]
                    ).isEmpty
                }
                await #expect(throws: PostgresError.misuse("two statements at once on one connection")) {
                    try await connection.execute("SELECT 1")
                }
                try await observer.execute("SELECT pg_cancel_backend($1)", [.int32(pid)])
            }
            let error = await #expect(throws: PostgresError.self) { try await slow.value }
            #expect(error?.sqlState == .queryCanceled)
        }
    }
}
