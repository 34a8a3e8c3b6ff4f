import Postgres
import TestSupport
import Testing

@Suite(.requiresPostgres)
struct PostgresCopyTests {
    private static let columns = ["id", "name", "at", "payload", "tags", "doc", "ok", "small", "score"]

    private func withTable<Result: Sendable>(
        _ body: (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        try await TestDatabase.withServer { connection in
            try await connection.executeScript(
                """
                CREATE TEMP TABLE copied (
                    id int8 PRIMARY KEY, name text, at timestamptz, payload bytea, tags text[], doc jsonb, ok bool,
                    small int2, score float8
                )
                """)
            return try await body(connection)
        }
    }

    private func append(_ id: Int64, to buffer: inout PostgresCopyBuffer) throws {
        try buffer.row { row throws(PostgresError) in
            row.append(int64: id)
            try row.append(text: "名\(id)")
            try row.append(timestampMilliseconds: id * 1000)
            try row.append(bytes: [0, UInt8(truncatingIfNeeded: id)])
            try row.append(.textArray(["a", nil]))
            try row.append(jsonb: Array("{\"n\": \(id)}".utf8))
            row.append(bool: id % 2 == 0)
            row.append(int16: Int16(truncatingIfNeeded: id))
            row.append(double: Double(id) / 2)
        }
    }

    @Test func aHundredThousandRowsArrive() async throws {
        try await withTable { connection in
            var buffer = PostgresCopyBuffer(table: "copied", columns: Self.columns)
            for id in 1...100_000 { try append(Int64(id), to: &buffer) }
            #expect(buffer.rowCount == 100_000)
            let copied = try await connection.copy(buffer)
            #expect(copied == 100_000)
            let rows = try await connection.execute(
                """
                SELECT count(*), sum(id)::int8, count(*) FILTER (
                    WHERE name = '名' || id AND at = to_timestamp(id) AND get_byte(payload, 1) = id % 256
                        AND tags = ARRAY['a', NULL] AND doc = jsonb_build_object('n', id) AND ok = (id % 2 = 0)
                        AND score = id / 2.0)
                FROM copied
                """)
            let (count, sum, right) = try rows[0].decode(Int64.self, Int64.self, Int64.self)
            #expect(count == 100_000)
            #expect(sum == 5_000_050_000)
            #expect(right == 100_000)
        }
    }

    @Test func nullsAndEmptyValuesStayApart() async throws {
        try await withTable { connection in
            var buffer = PostgresCopyBuffer(table: "copied", columns: ["id", "name", "payload"])
            try buffer.row { row throws(PostgresError) in
                row.append(int64: 1)
                row.appendNull()
                try row.append(bytes: [UInt8]?.none)
            }
            try buffer.row { row throws(PostgresError) in
                row.append(int64: 2)
                try row.append(utf8: "".utf8)
                try row.append(bytes: [])
            }
            try await connection.copy(buffer)
            let rows = try await connection.execute("SELECT name, payload FROM copied ORDER BY id")
            #expect(try rows[0].decode(String?.self, at: 0) == nil)
            #expect(try rows[0].decode([UInt8]?.self, at: 1) == nil)
            #expect(try rows[1].decode(String?.self, at: 0) == "")
            #expect(try rows[1].decode([UInt8]?.self, at: 1) == [])
        }
    }

    @Test func textWithNulIsRefusedNamingTheColumnAndTheRowIsTakenBack() async throws {
        try await withTable { connection in
            var buffer = PostgresCopyBuffer(table: "copied", columns: ["id", "name"])
            func append(_ id: Int64, _ name: String) throws(PostgresError) {
                try buffer.row { row throws(PostgresError) in
                    row.append(int64: id)
                    try row.append(text: name)
                }
            }
            try append(1, "fine")
            let refusal = PostgresError.unencodable(column: "name", reason: "PostgreSQL text cannot hold U+0000")
            #expect(throws: refusal) { try append(2, "not\0fine") }
            try append(3, "fine too")
            #expect(buffer.rowCount == 2)
            let copied = try await connection.copy(buffer)
            #expect(copied == 2)
            let rows = try await connection.execute("SELECT array_agg(id ORDER BY id) FROM copied")
            #expect(try rows[0].decode([Int64].self, at: 0) == [1, 3])
        }
    }

    @Test func anEmptyBufferCopiesNothing() async throws {
        try await withTable { connection in
            let copied = try await connection.copy(PostgresCopyBuffer(table: "copied", columns: ["id"]))
            #expect(copied == 0)
        }
    }

    @Test func aCopyOfABufferIsIndependent() throws {
        var original = PostgresCopyBuffer(table: "copied", columns: ["id"])
        original.row { row in row.append(int64: 1) }
        let kept = original
        let size = kept.byteCount
        original.row { row in row.append(int64: 2) }
        #expect(kept.rowCount == 1)
        #expect(kept.byteCount == size)
        #expect(original.byteCount > size)
    }

    @Test func aDuplicateKeyFailsTheCopyAndLeavesTheConnectionUsable() async throws {
        try await withTable { connection in
            var buffer = PostgresCopyBuffer(table: "copied", columns: Self.columns)
            for id in 1...50_000 { try append(Int64(id % 49_999), to: &buffer) }
            let error = await #expect(throws: PostgresError.self) { try await connection.copy(buffer) }
            #expect(error?.sqlState == .uniqueViolation)
            let rows = try await connection.execute("SELECT count(*) FROM copied")
            #expect(try rows[0].decode(Int64.self, at: 0) == 0)
        }
    }

    @Test func aMissingTableFailsTheCopyAtOnce() async throws {
        try await withTable { connection in
            var buffer = PostgresCopyBuffer(table: "pg_catalog.nothing", columns: ["id"])
            buffer.row { row in row.append(int64: 1) }
            let error = await #expect(throws: PostgresError.self) { try await connection.copy(buffer) }
            #expect(error?.sqlState == SQLState(rawValue: "42P01"))
            let answer = try await connection.execute("SELECT 1").count
            #expect(answer == 1)
        }
    }

    @Test func copyAndStatementsShareATransaction() async throws {
        try await withTable { connection in
            var buffer = PostgresCopyBuffer(table: "copied", columns: ["id"])
            buffer.row { row in row.append(int64: 1) }
            struct Regret: Error {}
            await #expect(throws: Regret.self) {
                try await connection.withTransaction { transaction in
                    try await transaction.execute("INSERT INTO copied (id) VALUES (2)")
                    try await transaction.copy(buffer)
                    let rows = try await transaction.execute("SELECT count(*) FROM copied")
                    #expect(try rows[0].decode(Int64.self, at: 0) == 2)
                    throw Regret()
                }
            }
            let rows = try await connection.execute("SELECT count(*) FROM copied")
            #expect(try rows[0].decode(Int64.self, at: 0) == 0)
        }
    }
}
