/// The five characters by which PostgreSQL names an error.
///
/// https://www.postgresql.org/docs/15/errcodes-appendix.html
package struct SQLState: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    package var rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// The first two characters: the class of the error.
    package var category: Substring { rawValue.prefix(2) }

    package var description: String { rawValue }

    package static let featureNotSupported = SQLState(rawValue: "0A000")
    package static let stringDataTruncation = SQLState(rawValue: "22001")
    package static let characterNotInRepertoire = SQLState(rawValue: "22021")
    package static let divisionByZero = SQLState(rawValue: "22012")
    package static let notNullViolation = SQLState(rawValue: "23502")
    package static let foreignKeyViolation = SQLState(rawValue: "23503")
    package static let uniqueViolation = SQLState(rawValue: "23505")
    package static let checkViolation = SQLState(rawValue: "23514")
    package static let inFailedTransaction = SQLState(rawValue: "25P02")
    package static let readOnlyTransaction = SQLState(rawValue: "25006")
    package static let idleInTransactionTimeout = SQLState(rawValue: "25P03")
    package static let invalidStatementName = SQLState(rawValue: "26000")
    package static let serializationFailure = SQLState(rawValue: "40001")
    package static let deadlockDetected = SQLState(rawValue: "40P01")
    package static let insufficientPrivilege = SQLState(rawValue: "42501")
    package static let syntaxError = SQLState(rawValue: "42601")
    package static let undefinedTable = SQLState(rawValue: "42P01")
    package static let duplicateDatabase = SQLState(rawValue: "42P04")
    package static let duplicateObject = SQLState(rawValue: "42710")
    package static let lockNotAvailable = SQLState(rawValue: "55P03")
    package static let objectInUse = SQLState(rawValue: "55006")
    package static let queryCanceled = SQLState(rawValue: "57014")
    package static let adminShutdown = SQLState(rawValue: "57P01")
    package static let raiseException = SQLState(rawValue: "P0001")
}
