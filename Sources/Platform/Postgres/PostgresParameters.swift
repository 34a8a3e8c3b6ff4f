/// The bound values of one statement, encoded into one buffer.
struct PostgresParameters: Sendable {
    private(set) var types: [PostgresType] = []
    private var fields = ByteWriter()
    /// Start of each field in the buffer.
    private var starts: [Int] = []
    /// −1 for null.
    private var lengths: [Int32] = []

    var count: Int { types.count }

    init(_ values: [PostgresValue]) throws(PostgresError) {
        guard values.count <= 65_535 else { throw .misuse("more than 65,535 parameters in one statement") }
        for (index, value) in values.enumerated() {
            let start = fields.count
            do throws(FieldFault) {
                try fields.field(value)
            } catch {
                throw .unencodable(column: "$\(index + 1)", reason: error.reason)
            }
            types.append(value.type)
            starts.append(start + 4)
            if case .null = value {
                lengths.append(-1)
            } else {
                lengths.append(Int32(truncatingIfNeeded: fields.count - start - 4))
            }
        }
    }

    /// Calls `body` with the arrays libpq asks for: values, lengths and formats (all binary).
    func withUnsafeArrays<Result>(
        _ body: (
            _ values: [UnsafePointer<CChar>?], _ lengths: [Int32], _ formats: [Int32], _ types: [UInt32]
        ) -> Result
    ) -> Result {
        unsafe fields.withUnsafeBytes { bytes in
            let values: [UnsafePointer<CChar>?] = unsafe zip(starts, lengths).map { start, length in
                // An empty value still needs a pointer: a null one means NULL.
                unsafe length < 0
                    ? nil
                    : (bytes.baseAddress.map { unsafe $0 + start })?
                        .assumingMemoryBound(to: CChar.self)
            }
            return unsafe body(
                values, lengths.map { max($0, 0) }, Array(repeating: 1, count: count), types.map(\.rawValue))
        }
    }
}

extension ByteWriter {
    mutating func field(_ value: PostgresValue) throws(FieldFault) {
        switch value {
        case .null: fieldNull()
        case .bool(let value): field(value)
        case .int16(let value): writeField(value)
        case .int32(let value): writeField(value)
        case .int64(let value): writeField(value)
        case .double(let value): field(value)
        case .text(let value): try field(text: value)
        case .bytes(let value): try field(byteArray: value)
        case .timestamp(let milliseconds): try field(timestampMilliseconds: milliseconds)
        case .jsonb(let value): try field(jsonbArray: value)
        case .boolArray(let values): try field(array: values, of: .bool) { $0.field($1) }
        case .int16Array(let values): try field(array: values, of: .int2) { $0.writeField($1) }
        case .int32Array(let values): try field(array: values, of: .int4) { $0.writeField($1) }
        case .int64Array(let values): try field(array: values, of: .int8) { $0.writeField($1) }
        case .doubleArray(let values): try field(array: values, of: .float8) { $0.field($1) }
        case .textArray(let values):
            try field(array: values, of: .text) { (writer, text) throws(FieldFault) in try writer.field(text: text) }
        case .bytesArray(let values):
            try field(array: values, of: .bytea) { (writer, bytes) throws(FieldFault) in
                try writer.field(byteArray: bytes)
            }
        case .timestampArray(let values):
            try field(array: values, of: .timestamptz) { (writer, milliseconds) throws(FieldFault) in
                try writer.field(timestampMilliseconds: milliseconds)
            }
        case .jsonbArray(let values):
            try field(array: values, of: .jsonb) { (writer, json) throws(FieldFault) in
                try writer.field(jsonbArray: json)
            }
        }
    }

    mutating func field(byteArray: [UInt8]) throws(FieldFault) {
        var fault: FieldFault?
        unsafe byteArray.withUnsafeBytes { bytes in
            do throws(FieldFault) { try unsafe field(bytes: bytes) } catch { fault = error }
        }
        if let fault { throw fault }
    }

    mutating func field(jsonbArray: [UInt8]) throws(FieldFault) {
        var fault: FieldFault?
        unsafe jsonbArray.withUnsafeBytes { bytes in
            do throws(FieldFault) { try unsafe field(jsonb: bytes) } catch { fault = error }
        }
        if let fault { throw fault }
    }
}
