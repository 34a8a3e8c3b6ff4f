/// A value bound to a parameter `$n`, sent in PostgreSQL's binary format.
///
/// The case decides the parameter's type. Where the column is of another type the usual casts apply (`int8` into an
/// `integer` column, `text` into `varchar`); where PostgreSQL has no implicit cast, write one: `$1::text::uuid`.
package enum PostgresValue: Sendable, Hashable {
    /// Its type is inferred by the server from the context.
    case null
    case bool(Bool)
    case int16(Int16)
    case int32(Int32)
    case int64(Int64)
    case double(Double)
    /// May not hold U+0000, which PostgreSQL cannot store.
    case text(String)
    /// `bytea`
    case bytes([UInt8])
    /// `timestamptz`, from milliseconds since 1970 UTC.
    case timestamp(milliseconds: Int64)
    /// JSON text in UTF-8.
    case jsonb([UInt8])
    case boolArray([Bool?])
    case int16Array([Int16?])
    case int32Array([Int32?])
    case int64Array([Int64?])
    case doubleArray([Double?])
    case textArray([String?])
    case bytesArray([[UInt8]?])
    /// `timestamptz[]`, from milliseconds since 1970 UTC.
    case timestampArray(milliseconds: [Int64?])
    case jsonbArray([[UInt8]?])

    /// JSON text.
    package static func jsonb(text: String) -> PostgresValue { .jsonb(Array(text.utf8)) }

    package init(bool value: Bool?) { self = value.map { .bool($0) } ?? .null }
    package init(int16 value: Int16?) { self = value.map { .int16($0) } ?? .null }
    package init(int32 value: Int32?) { self = value.map { .int32($0) } ?? .null }
    package init(int64 value: Int64?) { self = value.map { .int64($0) } ?? .null }
    package init(double value: Double?) { self = value.map { .double($0) } ?? .null }
    package init(text value: String?) { self = value.map { .text($0) } ?? .null }
    package init(bytes value: [UInt8]?) { self = value.map { .bytes($0) } ?? .null }
    package init(jsonb value: [UInt8]?) { self = value.map { .jsonb($0) } ?? .null }
    package init(timestampMilliseconds value: Int64?) {
        self = value.map { .timestamp(milliseconds: $0) } ?? .null
    }

    var type: PostgresType {
        switch self {
        case .null: .unspecified
        case .bool: .bool
        case .int16: .int2
        case .int32: .int4
        case .int64: .int8
        case .double: .float8
        case .text: .text
        case .bytes: .bytea
        case .timestamp: .timestamptz
        case .jsonb: .jsonb
        case .boolArray: .boolArray
        case .int16Array: .int2Array
        case .int32Array: .int4Array
        case .int64Array: .int8Array
        case .doubleArray: .float8Array
        case .textArray: .textArray
        case .bytesArray: .byteaArray
        case .timestampArray: .timestamptzArray
        case .jsonbArray: .jsonbArray
        }
    }
}
