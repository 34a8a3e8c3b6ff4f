import Glibc

/// Why a value has no binary form.
enum FieldFault: Error {
    case nulCharacter
    case timestampRange
    case tooLong

    var reason: String {
        switch self {
        case .nulCharacter: "PostgreSQL text cannot hold U+0000"
        case .timestampRange: "the time is outside PostgreSQL's range"
        case .tooLong: "it is longer than 1 GB"
        }
    }
}

/// Fields as COPY and arrays frame them: a length of four bytes, −1 for null, then the value in the binary format.
extension ByteWriter {
    mutating func fieldNull() { write(Int32(-1)) }

    mutating func field(_ value: Bool) { writeField(value ? UInt8(1) : 0) }

    mutating func field(_ value: Double) { writeField(value.bitPattern) }

    /// `bytea`, or text known to hold no zero byte.
    mutating func field(bytes: UnsafeRawBufferPointer) throws(FieldFault) {
        guard bytes.count < 1 << 30 else { throw .tooLong }
        unsafe writeField(bytes)
    }

    mutating func field(utf8: UnsafeRawBufferPointer) throws(FieldFault) {
        guard unsafe !Self.holdsNul(utf8) else { throw .nulCharacter }
        try unsafe field(bytes: utf8)
    }

    mutating func field(text: String) throws(FieldFault) {
        var text = text
        // `withUTF8` rethrows without a type; carry the outcome out by hand.
        var fault: FieldFault?
        text.withUTF8 { utf8 in
            do throws(FieldFault) { try unsafe field(utf8: UnsafeRawBufferPointer(utf8)) } catch { fault = error }
        }
        if let fault { throw fault }
    }

    /// jsonb's binary format is a version byte and the JSON text.
    mutating func field(jsonb: UnsafeRawBufferPointer) throws(FieldFault) {
        guard jsonb.count < (1 << 30) - 1 else { throw .tooLong }
        guard unsafe !Self.holdsNul(jsonb) else { throw .nulCharacter }
        write(Int32(truncatingIfNeeded: jsonb.count + 1))
        write(UInt8(1))
        unsafe write(bytes: jsonb)
    }

    mutating func field(timestampMilliseconds: Int64) throws(FieldFault) {
        guard let microseconds = PostgresTimestamp(milliseconds: timestampMilliseconds).wireValue else {
            throw .timestampRange
        }
        writeField(microseconds)
    }

    /// A one-dimensional array. `element` writes one field.
    mutating func field<Element>(
        array: [Element?], of type: PostgresType, element: (inout ByteWriter, Element) throws(FieldFault) -> Void
    ) throws(FieldFault) {
        let start = count
        write(Int32(0))
        write(Int32(array.isEmpty ? 0 : 1))
        write(Int32(array.contains { $0 == nil } ? 1 : 0))
        write(type.rawValue)
        if !array.isEmpty {
            guard let size = Int32(exactly: array.count) else { throw .tooLong }
            write(size)
            write(Int32(1))
            for item in array {
                if let item { try element(&self, item) } else { fieldNull() }
            }
        }
        guard count - start - 4 < 1 << 30 else { throw .tooLong }
        overwrite(Int32(truncatingIfNeeded: count - start - 4), at: start)
    }

    /// A one-dimensional array of texts without nulls.
    mutating func field(textArrayOf elements: Int, _ element: (Int) -> String) throws(FieldFault) {
        let start = count
        beginTextArray(of: elements)
        for index in 0..<elements { try field(text: element(index)) }
        guard count - start - 4 < 1 << 30 else { throw .tooLong }
        endArray(startingAt: start)
    }

    /// What stands before the elements of a one-dimensional array of texts without nulls.
    mutating func beginTextArray(of elements: Int) {
        write(Int32(0))
        write(Int32(elements == 0 ? 0 : 1))
        write(Int32(0))
        write(PostgresType.text.rawValue)
        if elements > 0 {
            write(Int32(truncatingIfNeeded: elements))
            write(Int32(1))
        }
    }

    /// Fills in the length of the array that begins there.
    mutating func endArray(startingAt start: Int) {
        overwrite(Int32(truncatingIfNeeded: count - start - 4), at: start)
    }

    private static func holdsNul(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        return unsafe memchr(base, 0, bytes.count) != nil
    }
}
