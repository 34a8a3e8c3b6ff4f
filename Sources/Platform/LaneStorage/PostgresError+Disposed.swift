package import Postgres
package import WorkerRuntime

extension PostgresError: Disposed {
    /// Whose fault it is. The classes are PostgreSQL's: https://www.postgresql.org/docs/15/errcodes-appendix.html
    package var disposition: Disposition {
        switch self {
        case .connection, .commitUnknown, .cancelled, .timedOut, .closed: .retry
        case .unencodable: .deadLetter
        case .configuration, .rolledBack, .decoding, .misuse: .halt
        case .server(let error): Self.disposition(of: error)
        }
    }

    /// The server is there, and somebody's lock or the use of all connections is in the way.
    package var isContention: Bool {
        switch self {
        case .timedOut: true
        case .server(let error):
            error.sqlState == .lockNotAvailable || error.sqlState == .deadlockDetected
                || error.sqlState == .objectInUse
        default: false
        }
    }

    private static func disposition(of error: PostgresServerError) -> Disposition {
        switch (error.sqlState, error.sqlState.category) {
        case (.uniqueViolation, _): .conflict
        // The record's value does not fit: its form, a constraint, or the size of an index row.
        case (_, "22"), (_, "23"), (_, "54"): .deadLetter
        // Connection, transaction rollback, resources, operator intervention, the machine.
        case (_, "08"), (_, "40"), (_, "53"), (_, "57"), (_, "58"): .retry
        case (.lockNotAvailable, _), (.objectInUse, _), (.idleInTransactionTimeout, _): .retry
        // The server became a standby: a fail-over is under way.
        case (.readOnlyTransaction, _): .retry
        // A migration changed a table under a prepared statement; the next attempt prepares anew.
        case (.invalidStatementName, _): .retry
        case (.featureNotSupported, _) where error.message.contains("cached plan"): .retry
        default: .halt
        }
    }
}
