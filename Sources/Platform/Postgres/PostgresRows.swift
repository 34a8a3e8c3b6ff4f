/// The rows a statement returned.
package struct PostgresRows: Sendable {
    private let result: ResultHandle

    init(_ result: ResultHandle) { self.result = result }

    /// Rows inserted, updated, deleted or returned, as the server counts them.
    package var affected: Int { result.affectedRows }

    /// The command tag, such as `COMMIT`.
    var command: String { result.command }
}

extension PostgresRows: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { result.rowCount }
    package subscript(index: Int) -> PostgresRow {
        precondition(indices.contains(index))
        return PostgresRow(result: result, row: index)
    }
}

/// One row. Its columns are counted from 0.
package struct PostgresRow: Sendable {
    let result: ResultHandle
    let row: Int

    /// Reads one column.
    ///
    /// Ask for `T?` where the column may be null. Integers widen (`int4` reads as `Int64`), nothing narrows.
    package func decode<Value: PostgresDecodable>(_ type: Value.Type, at column: Int) throws(PostgresError) -> Value {
        guard (0..<result.columnCount).contains(column) else {
            throw .misuse("column \(column) of a row of \(result.columnCount)")
        }
        return try unsafe result.withValue(row: row, column: column) { (bytes) throws(PostgresError) -> Value in
            try unsafe Value.decode(PostgresCell(result: result, column: column, bytes: bytes))
        }
    }

    /// Reads the whole row at once: `let (id, name) = try row.decode(Int64.self, String?.self)`.
    package func decode<each Value: PostgresDecodable>(
        _ type: repeat (each Value).Type
    ) throws(PostgresError) -> (repeat each Value) {
        var column = -1
        func next<Next: PostgresDecodable>(_ type: Next.Type) throws(PostgresError) -> Next {
            column += 1
            return try decode(type, at: column)
        }
        return (repeat try next(each type))
    }
}
