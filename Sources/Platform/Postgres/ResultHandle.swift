import CLibpq

/// Owns one `PGresult`.
///
/// Sendable: libpq's results are read-only once made and may be read from any thread
/// (https://www.postgresql.org/docs/15/libpq-threading.html).
@safe final class ResultHandle: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// Takes ownership.
    init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe PQclear(pointer) }

    var status: ExecStatusType { unsafe PQresultStatus(pointer) }
    var rowCount: Int { unsafe Int(PQntuples(pointer)) }
    var columnCount: Int { unsafe Int(PQnfields(pointer)) }

    /// Rows inserted, updated, deleted, copied or selected.
    var affectedRows: Int {
        guard let text = unsafe PQcmdTuples(pointer) else { return 0 }
        return unsafe Int(String(cString: text)) ?? 0
    }

    /// The command tag, such as `COMMIT`.
    var command: String {
        guard let text = unsafe PQcmdStatus(pointer) else { return "" }
        return unsafe String(cString: text)
    }

    func columnName(_ column: Int) -> String {
        guard let name = unsafe PQfname(pointer, Int32(column)) else { return "\(column)" }
        return unsafe String(cString: name)
    }

    func type(ofColumn column: Int) -> PostgresType {
        PostgresType(rawValue: unsafe PQftype(pointer, Int32(column)))
    }

    /// Calls `body` with the bytes of one value, or with `nil` for null. The bytes live as long as this object.
    func withValue<Result, Failure: Error>(
        row: Int, column: Int, _ body: (UnsafeRawBufferPointer?) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard unsafe PQgetisnull(pointer, Int32(row), Int32(column)) == 0,
            let value = unsafe PQgetvalue(pointer, Int32(row), Int32(column))
        else { return try body(nil) }
        let length = unsafe Int(PQgetlength(pointer, Int32(row), Int32(column)))
        return try unsafe body(UnsafeRawBufferPointer(start: value, count: length))
    }

    /// The server's report, if this result is an error it sent. Errors made up by libpq itself have no SQLSTATE.
    var serverError: PostgresServerError? {
        guard let sqlState = field("C") else { return nil }
        return PostgresServerError(
            sqlState: SQLState(rawValue: sqlState), severity: field("V") ?? "ERROR", message: field("M") ?? "",
            schema: field("s"), table: field("t"), column: field("c"), constraint: field("n"))
    }

    /// libpq's own text; safe to show only when there is no ``serverError``.
    var localMessage: String {
        guard let text = unsafe PQresultErrorMessage(pointer) else { return "" }
        return unsafe String(cString: text).trimmingNewlines
    }

    /// `code` is one of the `PG_DIAG_…` characters.
    private func field(_ code: Unicode.Scalar) -> String? {
        guard let text = unsafe PQresultErrorField(pointer, Int32(code.value)) else { return nil }
        return unsafe String(cString: text)
    }
}

extension String {
    /// libpq ends its messages with a line feed.
    var trimmingNewlines: String {
        var text = self[...]
        while text.last?.isNewline == true { text.removeLast() }
        return String(text).replacing("\n", with: "; ")
    }
}
