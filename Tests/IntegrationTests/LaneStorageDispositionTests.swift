import LaneStorage
import Postgres
import Testing
import WorkerRuntime

struct LaneStorageDispositionTests {
    @Test(
        arguments: [
            ("08006", .retry), ("40001", .retry), ("40P01", .retry), ("53300", .retry), ("53100", .retry),
            ("55P03", .retry), ("55006", .retry), ("57014", .retry), ("57P01", .retry), ("57P03", .retry),
            ("58030", .retry), ("25P03", .retry), ("25006", .retry), ("26000", .retry), ("23505", .conflict),
            ("22021", .deadLetter), ("22P02", .deadLetter), ("22P05", .deadLetter), ("23502", .deadLetter),
            ("23503", .deadLetter), ("23514", .deadLetter), ("54000", .deadLetter), ("42P01", .halt), ("42501", .halt),
            ("0A000", .halt), ("P0001", .halt), ("SF002", .halt), ("XX000", .halt),
        ] as [(String, Disposition)])
    func theServersCodeDecides(code: String, expected: Disposition) {
        let error = PostgresError.server(PostgresServerError(sqlState: SQLState(rawValue: code), message: "m"))
        #expect(error.disposition == expected)
    }

    @Test(
        arguments: [
            (.connection("x"), .retry), (.commitUnknown("x"), .retry), (.cancelled, .retry), (.timedOut("x"), .retry),
            (.closed, .retry), (.unencodable(column: "c", reason: "r"), .deadLetter), (.rolledBack, .halt),
            (.misuse("x"), .halt), (.configuration("x"), .halt),
            (.decoding(column: "c", expected: "a", found: "b"), .halt),
        ] as [(PostgresError, Disposition)])
    func whatHappenedHereDecides(error: PostgresError, expected: Disposition) {
        #expect(error.disposition == expected)
    }

    @Test func aPlanInvalidatedByAMigrationIsTriedAgain() {
        let error = PostgresError.server(
            PostgresServerError(
                sqlState: .featureNotSupported, message: "cached plan must not change result type"))
        #expect(error.disposition == .retry)
    }
}
