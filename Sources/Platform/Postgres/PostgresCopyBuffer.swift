/// Rows for `COPY table (columns) FROM STDIN`, encoded in PostgreSQL's binary format into one buffer.
///
///     var messages = PostgresCopyBuffer(table: "archive.messages", columns: ["msgid", "sent_at"])
///     try messages.row { row throws(PostgresError) in
///         try row.append(text: message.id)
///         try row.append(timestampMilliseconds: message.sentAt)
///     }
///     try await transaction.copy(messages)
///
/// COPY makes no casts: each value must have exactly its column's type. A value, so a batch that is repeated sends the
/// very same buffer again.
package struct PostgresCopyBuffer: Sendable {
    /// As given, `schema.table` or `table`. Comes from a constant, never from data.
    package let table: String
    package let columns: [String]
    package private(set) var rowCount = 0
    private var bytes: ByteWriter
    private var fieldsInRow = 0

    /// Signature, flags and the length of the header extension.
    private static let header: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0, 0, 0, 0, 0, 0, 0, 0, 0]

    package init(table: String, columns: [String], capacity: Int = 4096) {
        self.table = table
        self.columns = columns
        bytes = ByteWriter(capacity: capacity)
        unsafe Self.header.withUnsafeBytes { unsafe bytes.write(bytes: $0) }
    }

    package var isEmpty: Bool { rowCount == 0 }

    /// Size of what would be sent.
    package var byteCount: Int { bytes.count }

    /// Adds one row. `body` appends one value per column, in order; anything else is our mistake and traps.
    ///
    /// If `body` throws, the row is taken back and the buffer is as before.
    package mutating func row<Failure: Error>(
        _ body: (inout PostgresCopyBuffer) throws(Failure) -> Void
    ) throws(Failure) {
        let start = bytes.count
        bytes.write(Int16(columns.count))
        fieldsInRow = 0
        do throws(Failure) {
            try body(&self)
        } catch {
            bytes.truncate(to: start)
            fieldsInRow = 0
            throw error
        }
        precondition(fieldsInRow == columns.count, "COPY \(table): a row of \(fieldsInRow) values")
        rowCount += 1
    }

    /// Adds a row of another buffer with the same columns: what it is between two values of ``byteCount``.
    package mutating func append(rowAt range: Range<Int>, of other: PostgresCopyBuffer) {
        precondition(other.columns.count == columns.count, "COPY \(table): a row of \(other.columns.count) values")
        unsafe other.bytes.withUnsafeBytes { memory in
            unsafe bytes.write(bytes: UnsafeRawBufferPointer(rebasing: memory[range]))
        }
        rowCount += 1
    }

    /// A copy of what was encoded.
    package func bytes(in range: Range<Int>) -> [UInt8] {
        unsafe bytes.withUnsafeBytes { memory in
            unsafe Array(UnsafeRawBufferPointer(rebasing: memory[range]).assumingMemoryBound(to: UInt8.self))
        }
    }

    package mutating func removeAll() {
        bytes.truncate(to: Self.header.count)
        rowCount = 0
    }

    package mutating func appendNull() {
        bytes.fieldNull()
        fieldsInRow += 1
    }

    package mutating func append(bool value: Bool?) {
        guard let value else { return appendNull() }
        bytes.field(value)
        fieldsInRow += 1
    }

    package mutating func append(int16 value: Int16?) { append(integer: value) }
    package mutating func append(int32 value: Int32?) { append(integer: value) }
    package mutating func append(int64 value: Int64?) { append(integer: value) }

    private mutating func append(integer value: (some FixedWidthInteger)?) {
        guard let value else { return appendNull() }
        bytes.writeField(value)
        fieldsInRow += 1
    }

    package mutating func append(double value: Double?) {
        guard let value else { return appendNull() }
        bytes.field(value)
        fieldsInRow += 1
    }

    /// Throws ``PostgresError/unencodable(column:reason:)`` for text with U+0000.
    package mutating func append(text value: String?) throws(PostgresError) {
        guard let value else { return appendNull() }
        try append { (bytes) throws(FieldFault) in try bytes.field(text: value) }
    }

    /// Text that is already UTF-8. Throws ``PostgresError/unencodable(column:reason:)`` if it holds a zero byte; that
    /// it is valid UTF-8 is checked by the server only.
    package mutating func append(utf8 value: some Collection<UInt8>) throws(PostgresError) {
        try unsafe append(value) { (bytes, buffer) throws(FieldFault) in try unsafe bytes.field(utf8: buffer) }
    }

    /// The same for memory that is not a collection's.
    package mutating func append(utf8 value: UnsafeRawBufferPointer) throws(PostgresError) {
        try append { (bytes) throws(FieldFault) in try unsafe bytes.field(utf8: value) }
    }

    /// `text[]` without nulls, each element's UTF-8 asked for by its index and written while `body` has it.
    package mutating func append(
        utf8ArrayOf count: Int,
        _ element: (Int, (UnsafeRawBufferPointer) throws(PostgresError) -> Void) throws(PostgresError) -> Void
    ) throws(PostgresError) {
        let start = bytes.count
        bytes.beginTextArray(of: count)
        for index in 0..<count {
            try unsafe element(index) { (utf8) throws(PostgresError) in
                try unsafe append(utf8: utf8)
                fieldsInRow -= 1
            }
        }
        bytes.endArray(startingAt: start)
        fieldsInRow += 1
    }

    /// `text[]` without nulls, each element asked for by its index.
    package mutating func append(
        textArrayOf count: Int, _ element: (Int) -> String
    ) throws(PostgresError) {
        try append { (bytes) throws(FieldFault) in try bytes.field(textArrayOf: count, element) }
    }

    /// `bytea`.
    package mutating func append(bytes value: some Collection<UInt8>) throws(PostgresError) {
        try unsafe append(value) { (bytes, buffer) throws(FieldFault) in try unsafe bytes.field(bytes: buffer) }
    }

    /// `bytea`, or null.
    package mutating func append(bytes value: [UInt8]?) throws(PostgresError) {
        guard let value else { return appendNull() }
        try unsafe append(value) { (bytes, buffer) throws(FieldFault) in try unsafe bytes.field(bytes: buffer) }
    }

    /// JSON text in UTF-8.
    package mutating func append(jsonb value: some Collection<UInt8>) throws(PostgresError) {
        try unsafe append(value) { (bytes, buffer) throws(FieldFault) in try unsafe bytes.field(jsonb: buffer) }
    }

    /// `timestamptz`, from milliseconds since 1970 UTC. Throws ``PostgresError/unencodable(column:reason:)`` outside
    /// PostgreSQL's range (4713 BC to AD 294276).
    package mutating func append(timestampMilliseconds value: Int64?) throws(PostgresError) {
        guard let value else { return appendNull() }
        try append { (bytes) throws(FieldFault) in try bytes.field(timestampMilliseconds: value) }
    }

    /// Any value, arrays too. The case must be exactly the column's type.
    package mutating func append(_ value: PostgresValue) throws(PostgresError) {
        try append { (bytes) throws(FieldFault) in try bytes.field(value) }
    }

    private mutating func append(
        _ value: some Collection<UInt8>,
        _ write: (inout ByteWriter, UnsafeRawBufferPointer) throws(FieldFault) -> Void
    ) throws(PostgresError) {
        try append { (bytes) throws(FieldFault) in
            let done: Result<Void, FieldFault>? = value.withContiguousStorageIfAvailable { buffer in
                Result { () throws(FieldFault) in try unsafe write(&bytes, UnsafeRawBufferPointer(buffer)) }
            }
            if let done { return try done.get() }
            let copied = unsafe Array(value).withUnsafeBytes { buffer in
                Result { () throws(FieldFault) in try unsafe write(&bytes, buffer) }
            }
            try copied.get()
        }
    }

    /// Counts a field that `write` has written, or takes it back and names the column that could not be.
    private mutating func append(_ write: (inout ByteWriter) throws(FieldFault) -> Void) throws(PostgresError) {
        let start = bytes.count
        do throws(FieldFault) {
            try write(&bytes)
            fieldsInRow += 1
        } catch {
            bytes.truncate(to: start)
            let column = fieldsInRow < columns.count ? columns[fieldsInRow] : "beyond the last column"
            throw .unencodable(column: column, reason: error.reason)
        }
    }

    /// The statement that takes this buffer.
    var statement: String {
        let names = columns.map(quoted).joined(separator: ", ")
        let path = table.split(separator: ".").map { quoted(String($0)) }.joined(separator: ".")
        return "COPY \(path) (\(names)) FROM STDIN (FORMAT binary)"
    }

    private func quoted(_ name: String) -> String {
        "\"\(name.replacing("\"", with: "\"\""))\""
    }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe bytes.withUnsafeBytes { unsafe body($0) }
    }
}
