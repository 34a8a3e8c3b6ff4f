import Postgres
import TestSupport
import Testing

@Suite(.requiresPostgres)
struct PostgresValueTests {
    /// Binds the value, reads it back, and has the server compare it with what it should be.
    private func roundTrip<Value: PostgresDecodable & Equatable>(
        _ bind: PostgresValue, as type: String, expecting value: Value, sql literal: String
    ) async throws {
        try await TestDatabase.withServer { connection in
            let rows = try await connection.execute(
                "SELECT $1::\(type), $1::\(type) IS NOT DISTINCT FROM \(literal)", [bind])
            #expect(try rows[0].decode(Value.self, at: 0) == value)
            #expect(try rows[0].decode(Bool.self, at: 1), "the server sees another value")
        }
    }

    @Test(arguments: [true, false])
    func boolKeepsItsValue(value: Bool) async throws {
        try await roundTrip(.bool(value), as: "bool", expecting: value, sql: "\(value)")
    }

    @Test(arguments: [Int16.min, -1, 0, 1, .max])
    func int16KeepsItsValue(value: Int16) async throws {
        try await roundTrip(.int16(value), as: "int2", expecting: value, sql: "(\(value))::int2")
    }

    @Test(arguments: [Int32.min, -1, 0, 1, .max])
    func int32KeepsItsValue(value: Int32) async throws {
        try await roundTrip(.int32(value), as: "int4", expecting: value, sql: "(\(value))::int4")
    }

    @Test(arguments: [Int64.min, -1, 0, 1, .max])
    func int64KeepsItsValue(value: Int64) async throws {
        try await roundTrip(.int64(value), as: "int8", expecting: value, sql: "(\(value))::int8")
    }

    @Test(arguments: [
        (-0.0, "'-0'::float8"), (1.5, "1.5"), (.infinity, "'infinity'::float8"),
        (.greatestFiniteMagnitude, "1.7976931348623157e308"), (.leastNonzeroMagnitude, "5e-324"),
    ])
    func doubleKeepsItsValue(value: Double, literal: String) async throws {
        try await roundTrip(.double(value), as: "float8", expecting: value, sql: literal)
    }

    @Test(arguments: ["", "维權🙂", "'; DROP TABLE x; --", "a\tb\nc\\d", String(repeating: "字", count: 100_000)])
    func textKeepsItsValue(value: String) async throws {
        try await TestDatabase.withServer { connection in
            let rows = try await connection.execute("SELECT $1::text, octet_length($1::text)", [.text(value)])
            let (text, length) = try rows[0].decode(String.self, Int32.self)
            #expect(text == value)
            #expect(Int(length) == value.utf8.count)
        }
    }

    @Test(arguments: [[], [0], Array(0...255)] as [[UInt8]])
    func bytesKeepTheirValue(value: [UInt8]) async throws {
        let hex = value.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        try await roundTrip(.bytes(value), as: "bytea", expecting: value, sql: "'\\x\(hex)'::bytea")
    }

    @Test(
        arguments: [
            (0, "'1970-01-01 00:00:00Z'"), (-1, "'1969-12-31 23:59:59.999Z'"),
            (1_795_471_533_123, "'2026-11-23 22:05:33.123Z'"),
            (-210_866_803_200_000, "'4714-11-24 00:00:00Z BC'"),
            (9_224_318_015_999_999, "'294276-12-31 23:59:59.999Z'"),
        ] as [(Int64, String)])
    func timestampKeepsItsMilliseconds(milliseconds: Int64, literal: String) async throws {
        try await roundTrip(
            .timestamp(milliseconds: milliseconds), as: "timestamptz",
            expecting: PostgresTimestamp(milliseconds: milliseconds), sql: "\(literal)::timestamptz")
    }

    @Test(arguments: [Int64.min, -210_866_803_200_001, 9_224_318_016_000_000, .max])
    func timestampOutsideTheServersRangeIsRefusedHere(milliseconds: Int64) async throws {
        try await TestDatabase.withServer { connection in
            await #expect(
                throws: PostgresError.unencodable(
                    column: "$1", reason: "the time is outside PostgreSQL's range")
            ) {
                try await connection.execute("SELECT $1", [.timestamp(milliseconds: milliseconds)])
            }
        }
    }

    @Test func microsecondsAreRoundedDownAlsoBefore2000() async throws {
        try await TestDatabase.withServer { connection in
            let rows = try await connection.execute(
                "SELECT '1999-12-31 23:59:59.9999Z'::timestamptz, '2000-01-01 00:00:00.0019Z'::timestamptz")
            let (before, after) = try rows[0].decode(PostgresTimestamp.self, PostgresTimestamp.self)
            #expect(before.milliseconds == 946_684_799_999)
            #expect(after.milliseconds == 946_684_800_001)
        }
    }

    @Test func jsonKeepsItsMeaning() async throws {
        try await TestDatabase.withServer { connection in
            let rows = try await connection.execute(
                "SELECT $1::jsonb ->> '词', $1::jsonb, $1::jsonb", [.jsonb(text: #"{"词": "维权"}"#)])
            let (word, text, bytes) = try rows[0].decode(String.self, String.self, [UInt8].self)
            #expect(word == "维权")
            #expect(text == #"{"词": "维权"}"#)
            #expect(bytes == Array(text.utf8))
        }
    }

    @Test func arraysKeepElementsNullsAndEmptiness() async throws {
        try await TestDatabase.withServer { connection in
            let rows = try await connection.execute(
                "SELECT $1::text[], $2::int4[], $3::int8[], $4::bytea[], $5::timestamptz[], $6::int2[], $7::bool[]",
                [
                    .textArray(["", nil, "维权"]), .int32Array([]), .int64Array([.min, nil, .max]),
                    .bytesArray([[], nil, [0, 1]]), .timestampArray(milliseconds: [nil, 0, -1]), .int16Array([-1, 1]),
                    .boolArray([true, nil]),
                ])
            let row = rows[0]
            #expect(try row.decode([String?].self, at: 0) == ["", nil, "维权"])
            #expect(try row.decode([Int32].self, at: 1) == [])
            #expect(try row.decode([Int64?].self, at: 2) == [.min, nil, .max])
            #expect(try row.decode([[UInt8]?].self, at: 3) == [[], nil, [0, 1]])
            #expect(
                try row.decode([PostgresTimestamp?].self, at: 4)
                    == [nil, PostgresTimestamp(milliseconds: 0), PostgresTimestamp(milliseconds: -1)])
            #expect(try row.decode([Int16].self, at: 5) == [-1, 1])
            #expect(try row.decode([Bool?].self, at: 6) == [true, nil])
        }
    }

    @Test func jsonAndDoubleArraysKeepTheirElements() async throws {
        try await TestDatabase.withServer { connection in
            let rows = try await connection.execute(
                "SELECT $1::float8[], $2::jsonb[]",
                [.doubleArray([1.5, nil]), .jsonbArray([Array("[1]".utf8), nil])])
            #expect(try rows[0].decode([Double?].self, at: 0) == [1.5, nil])
            #expect(try rows[0].decode([String?].self, at: 1) == ["[1]", nil])
        }
    }

    @Test func nullReadsAsNilAndTakesTheTypeOfItsPlace() async throws {
        try await TestDatabase.withServer { connection in
            let rows = try await connection.execute(
                "SELECT $1::int8, coalesce($2, 'fallback'), $1::int8 IS NULL", [.null, PostgresValue(text: nil)])
            let (number, text, isNull) = try rows[0].decode(Int64?.self, String?.self, Bool.self)
            #expect(number == nil)
            #expect(text == "fallback")
            #expect(isNull)
        }
    }

    @Test func narrowIntegersReadAsWiderOnes() async throws {
        try await TestDatabase.withServer { connection in
            let rows = try await connection.execute("SELECT (-7)::int2, (-7)::int4")
            #expect(try rows[0].decode(Int64.self, at: 0) == -7)
            #expect(try rows[0].decode(Int64.self, at: 1) == -7)
            #expect(try rows[0].decode(Int32.self, at: 0) == -7)
        }
    }

    @Test func aColumnOfAnotherTypeIsNamedWithoutItsValue() async throws {
        try await TestDatabase.withServer { connection in
            let rows = try await connection.execute(
                "SELECT 5::int8 AS wide, 'secret' AS word, NULL::int4 AS nothing, 1.5::numeric AS price")
            let row = rows[0]
            #expect(throws: PostgresError.decoding(column: "wide", expected: "Int32", found: "int8")) {
                try row.decode(Int32.self, at: 0)
            }
            #expect(throws: PostgresError.decoding(column: "word", expected: "Int64", found: "text")) {
                try row.decode(Int64.self, at: 1)
            }
            #expect(throws: PostgresError.decoding(column: "nothing", expected: "Int32", found: "null")) {
                try row.decode(Int32.self, at: 2)
            }
            #expect(throws: PostgresError.decoding(column: "price", expected: "Double", found: "numeric")) {
                try row.decode(Double.self, at: 3)
            }
            #expect(throws: PostgresError.misuse("column 4 of a row of 4")) { try row.decode(Int64.self, at: 4) }
        }
    }

    @Test func infinityIsNotATime() async throws {
        try await TestDatabase.withServer { connection in
            let rows = try await connection.execute("SELECT 'infinity'::timestamptz AS forever")
            #expect(
                throws: PostgresError.decoding(column: "forever", expected: "a finite time", found: "infinity")
            ) {
                try rows[0].decode(PostgresTimestamp.self, at: 0)
            }
        }
    }

    @Test func textWithNulIsRefusedNamingTheParameter() async throws {
        try await TestDatabase.withServer { connection in
            await #expect(
                throws: PostgresError.unencodable(column: "$2", reason: "PostgreSQL text cannot hold U+0000")
            ) {
                try await connection.execute("SELECT $1, $2", [.text("fine"), .text("not\0fine")])
            }
        }
    }
}
