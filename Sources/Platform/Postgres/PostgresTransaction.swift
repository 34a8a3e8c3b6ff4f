/// An open transaction. Valid inside the closure it was given to; used later, or by two tasks at once, it throws
/// ``PostgresError/misuse(_:)``.
package struct PostgresTransaction: Sendable {
    let connection: PostgresConnection
    let serial: Int

    /// Runs one statement in one round trip. It is prepared once per connection.
    @discardableResult
    package func execute(
        _ sql: String, _ binds: [PostgresValue] = []
    ) async throws(PostgresError) -> PostgresRows {
        try await connection.run([(sql, binds)], in: serial)[0]
    }

    /// Runs several statements in one round trip, in order. Throws the error of the first that fails.
    @discardableResult
    package func pipeline(
        _ statements: [(String, [PostgresValue])]
    ) async throws(PostgresError) -> [PostgresRows] {
        try await connection.run(statements, in: serial)
    }

    /// Copies rows into the buffer's table; an empty buffer costs nothing.
    ///
    /// - Returns: How many rows the server took.
    @discardableResult
    package func copy(_ buffer: PostgresCopyBuffer) async throws(PostgresError) -> Int {
        try await connection.copy(buffer, in: serial)
    }

    /// Runs a text of any number of statements without parameters. Rows are discarded.
    package func executeScript(_ sql: String) async throws(PostgresError) {
        try await connection.script(sql, in: serial)
    }
}
