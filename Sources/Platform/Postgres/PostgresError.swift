/// What can go wrong between us and PostgreSQL.
///
/// `description` never holds bind values, row contents or the connection string.
package enum PostgresError: Error, Sendable, Hashable {
    /// The settings are wrong; nothing was tried.
    case configuration(String)
    /// No connection could be made, or it was lost. What a statement under way did is undone by the server, except
    /// COMMIT: see ``commitUnknown(_:)``.
    case connection(String)
    /// The server refused a statement.
    case server(PostgresServerError)
    /// The connection was lost while COMMIT was under way: the transaction may or may not have been applied.
    case commitUnknown(String)
    /// COMMIT was sent for a transaction in which a statement had failed, and rolled it back.
    case rolledBack
    /// The task was cancelled. The statement was cancelled on the server too; a transaction is rolled back.
    case cancelled
    /// Something took longer than its limit; the text says what.
    case timedOut(String)
    /// The pool or connection was closed by us.
    case closed
    /// A column could not be read as the type asked for.
    case decoding(column: String, expected: String, found: String)
    /// A value cannot be stored by PostgreSQL. `column` is a column's name or `$n`.
    case unencodable(column: String, reason: String)
    /// Our own mistake, such as using a transaction after its end.
    case misuse(String)

    /// The server's code, if the server answered.
    package var sqlState: SQLState? {
        if case .server(let error) = self { error.sqlState } else { nil }
    }
}

extension PostgresError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .configuration(let text): "PostgreSQL settings: \(text)"
        case .connection(let text): "PostgreSQL connection: \(text)"
        case .server(let error): error.description
        case .commitUnknown(let text): "the connection was lost during COMMIT, its outcome is unknown: \(text)"
        case .rolledBack: "COMMIT rolled back, because a statement of the transaction had failed"
        case .cancelled: "cancelled"
        case .timedOut(let what): "timed out: \(what)"
        case .closed: "the PostgreSQL pool is closed"
        case .decoding(let column, let expected, let found): "column \(column): expected \(expected), found \(found)"
        case .unencodable(let column, let reason): "\(column) cannot be stored: \(reason)"
        case .misuse(let text): text
        }
    }
}

/// An error report of the server, without its DETAIL, which quotes rows.
package struct PostgresServerError: Sendable, Hashable {
    package var sqlState: SQLState
    /// `ERROR`, `FATAL` or `PANIC`; after the latter two the connection is gone.
    package var severity: String
    /// The primary message. It may quote values (data exceptions, and whatever a function or trigger raises): for a
    /// debugger, not a log.
    package var message: String
    package var schema: String?
    package var table: String?
    package var column: String?
    package var constraint: String?

    /// The session ended with this error.
    package var endsSession: Bool { severity == "FATAL" || severity == "PANIC" }

    package init(
        sqlState: SQLState, severity: String = "ERROR", message: String, schema: String? = nil, table: String? = nil,
        column: String? = nil, constraint: String? = nil
    ) {
        self.sqlState = sqlState
        self.severity = severity
        self.message = message
        self.schema = schema
        self.table = table
        self.column = column
        self.constraint = constraint
    }
}

extension PostgresServerError: CustomStringConvertible {
    package var description: String {
        let summary =
            switch sqlState.category {
            // "invalid input syntax for type integer: "…"" and its like quote the value.
            case "22": "data exception"
            // Ours don't, but triggers choose these codes for texts of their own.
            case "23": "constraint violation"
            case "P0": "raised by a function"
            default: message
            }
        var text = "\(summary) (\(sqlState))"
        if let table { text += ", table \(schema.map { "\($0)." } ?? "")\(table)" }
        if let column { text += ", column \(column)" }
        if let constraint { text += ", constraint \(constraint)" }
        return text
    }
}
