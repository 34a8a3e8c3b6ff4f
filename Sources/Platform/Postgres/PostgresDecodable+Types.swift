extension Int16: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Int16 { try cell.integer(Int16.self) }
}

extension Int32: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Int32 { try cell.integer(Int32.self) }
}

extension Int64: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Int64 { try cell.integer(Int64.self) }
}

extension Bool: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Bool {
        var reader = try unsafe ByteReader(cell.bytes(or: "Bool"))
        guard cell.type == .bool, let byte = reader.read(UInt8.self) else { throw cell.mismatch("Bool") }
        return byte != 0
    }
}

extension Double: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Double {
        var reader = try unsafe ByteReader(cell.bytes(or: "Double"))
        switch cell.type {
        case .float8: if let bits = reader.read(UInt64.self) { return Double(bitPattern: bits) }
        case .float4: if let bits = reader.read(UInt32.self) { return Double(Float(bitPattern: bits)) }
        default: break
        }
        throw cell.mismatch("Double")
    }
}

extension String: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> String {
        let bytes = try unsafe cell.bytes(or: "String")
        switch cell.type {
        case .text, .varchar, .bpchar, .name, .json: return unsafe String(decoding: bytes, as: UTF8.self)
        case .jsonb: return unsafe String(decoding: bytes.dropFirst(), as: UTF8.self)
        default: throw cell.mismatch("String")
        }
    }
}

extension PostgresTimestamp: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> PostgresTimestamp {
        var reader = try unsafe ByteReader(cell.bytes(or: "PostgresTimestamp"))
        guard cell.type == .timestamptz, let wire = reader.read(Int64.self) else {
            throw cell.mismatch("PostgresTimestamp")
        }
        guard let timestamp = PostgresTimestamp(wireValue: wire) else {
            throw .decoding(
                column: cell.result.columnName(cell.column), expected: "a finite time", found: "infinity")
        }
        return timestamp
    }
}

/// Present only so that `[UInt8]` can be read: PostgreSQL has no one-byte number.
extension UInt8: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> UInt8 { throw cell.mismatch("UInt8") }

    package static func decodeArray(_ cell: PostgresCell) throws(PostgresError) -> [UInt8] {
        let bytes = try unsafe cell.bytes(or: "[UInt8]")
        switch cell.type {
        case .bytea, .text, .varchar, .json: return unsafe Array(bytes)
        case .jsonb: return unsafe Array(bytes.dropFirst())
        default: throw cell.mismatch("[UInt8]")
        }
    }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> [Element] {
        try Element.decodeArray(cell)
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Wrapped? {
        cell.isNull ? nil : try Wrapped.decode(cell)
    }
}
