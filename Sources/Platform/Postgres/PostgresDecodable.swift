/// A Swift type that a column can be read as.
///
/// Conforming: `Bool`, `Int16`, `Int32`, `Int64`, `Double`, `String`, `[UInt8]` (`bytea`, `jsonb`, text as UTF-8),
/// ``PostgresTimestamp``, optionals of them, and arrays of them or of their optionals.
package protocol PostgresDecodable: Sendable {
    static func decode(_ cell: PostgresCell) throws(PostgresError) -> Self
    static func decodeArray(_ cell: PostgresCell) throws(PostgresError) -> [Self]
}

extension PostgresDecodable {
    /// Reads a one-dimensional array.
    package static func decodeArray(_ cell: PostgresCell) throws(PostgresError) -> [Self] {
        let what = "an array of \(Self.self)"
        var reader = try unsafe ByteReader(cell.bytes(or: what))
        guard let dimensions = reader.read(Int32.self), reader.read(Int32.self) != nil,
            let element = reader.read(UInt32.self)
        else { throw cell.mismatch(what) }
        if dimensions == 0 { return [] }
        guard dimensions == 1, let size = reader.read(Int32.self), size >= 0, reader.read(Int32.self) != nil else {
            throw cell.mismatch(what)
        }
        var values: [Self] = []
        values.reserveCapacity(Int(size))
        for _ in 0..<size {
            guard let length = reader.read(Int32.self) else { throw cell.mismatch(what) }
            let bytes: UnsafeRawBufferPointer?
            if length < 0 {
                unsafe bytes = nil
            } else if let slice = unsafe reader.read(count: Int(length)) {
                unsafe bytes = slice
            } else {
                throw cell.mismatch(what)
            }
            values.append(
                try decode(
                    unsafe PostgresCell(
                        result: cell.result, column: cell.column, type: PostgresType(rawValue: element), bytes: bytes)))
        }
        return values
    }
}

/// One value of a row while it is being decoded.
@safe package struct PostgresCell {
    let result: ResultHandle
    let column: Int
    let type: PostgresType
    /// `nil` for null. Valid only during the decoding.
    private let bytes: UnsafeRawBufferPointer?

    init(result: ResultHandle, column: Int, type: PostgresType? = nil, bytes: UnsafeRawBufferPointer?) {
        self.result = result
        self.column = column
        self.type = type ?? result.type(ofColumn: column)
        unsafe self.bytes = bytes
    }

    var isNull: Bool { unsafe bytes == nil }

    func bytes(or expected: String) throws(PostgresError) -> UnsafeRawBufferPointer {
        guard let bytes = unsafe bytes else {
            throw .decoding(column: result.columnName(column), expected: expected, found: "null")
        }
        return unsafe bytes
    }

    func mismatch(_ expected: String) -> PostgresError {
        .decoding(column: result.columnName(column), expected: expected, found: type.description)
    }

    func integer<Value: FixedWidthInteger>(_: Value.Type) throws(PostgresError) -> Value {
        let expected = "\(Value.self)"
        var reader = try unsafe ByteReader(bytes(or: expected))
        let wide: Int64? =
            switch type {
            case .int8: reader.read(Int64.self)
            case .int4: reader.read(Int32.self).map(Int64.init)
            case .int2: reader.read(Int16.self).map(Int64.init)
            default: nil
            }
        // A wider column is refused by its type, not by the value it happens to hold.
        guard let wide, unsafe bytes?.count ?? 0 <= Value.bitWidth / 8 else { throw mismatch(expected) }
        return Value(truncatingIfNeeded: wide)
    }
}

/// Reads big-endian numbers off received bytes; `nil` at the end.
@safe struct ByteReader {
    private var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { unsafe rest = bytes }

    mutating func read<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type) -> Value? {
        let size = Value.bitWidth / 8
        guard unsafe rest.count >= size else { return nil }
        let value = unsafe rest.loadUnaligned(as: Value.self)
        unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(size))
        return Value(bigEndian: value)
    }

    mutating func read(count: Int) -> UnsafeRawBufferPointer? {
        guard count >= 0, unsafe rest.count >= count else { return nil }
        let slice = unsafe UnsafeRawBufferPointer(rebasing: rest.prefix(count))
        unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        return unsafe slice
    }
}
