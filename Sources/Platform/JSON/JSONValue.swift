import CSimdjson

/// One value of a document. Nothing is copied or converted until asked for.
///
/// Valid until its parser reads another document. Asking for a type the value does not have answers `nil`.
package struct JSONValue {
    package enum Kind: Sendable, Hashable {
        case null, bool, number, string, array, object
    }

    let parser: JSONParser
    let index: UInt32
    let generation: UInt32

    @inline(__always)
    var node: csimdjson_node {
        precondition(generation == parser.generation, "the parser has read another document")
        return unsafe parser.document.nodes[Int(index)]
    }

    @inline(__always)
    func sibling(_ index: UInt32) -> JSONValue { JSONValue(parser: parser, index: index, generation: generation) }

    package var kind: Kind {
        switch node.kind {
        case CSIMDJSON_NULL.rawValue: .null
        case CSIMDJSON_FALSE.rawValue, CSIMDJSON_TRUE.rawValue: .bool
        case CSIMDJSON_NUMBER.rawValue: .number
        case CSIMDJSON_STRING.rawValue: .string
        case CSIMDJSON_ARRAY.rawValue: .array
        default: .object
        }
    }

    package var isNull: Bool { node.kind == CSIMDJSON_NULL.rawValue }

    package var bool: Bool? {
        switch node.kind {
        case CSIMDJSON_FALSE.rawValue: false
        case CSIMDJSON_TRUE.rawValue: true
        default: nil
        }
    }

    /// The unescaped text of a string.
    package var string: String? { text?.string }

    /// The unescaped text of a string, where it is; valid until the parser reads another document.
    package var text: JSONText? {
        let node = node
        return node.kind == CSIMDJSON_STRING.rawValue ? text(of: node) : nil
    }

    /// The text of a string or the digits of a number, unless empty: what an identifier is. Relays make numbers of some
    /// and strings of others.
    package var identifier: JSONText? { identifier(at: index) }

    @inline(__always)
    func identifier(at index: UInt32) -> JSONText? {
        precondition(generation == parser.generation, "the parser has read another document")
        let node = unsafe parser.document.nodes[Int(index)]
        if node.kind == CSIMDJSON_STRING.rawValue { return node.length == 0 ? nil : text(of: node) }
        guard node.kind == CSIMDJSON_NUMBER.rawValue else { return nil }
        return unsafe JSONText(start: parser.document.bytes + Int(node.start), count: Int(node.end - node.start))
    }

    @inline(__always)
    private func text(of node: csimdjson_node) -> JSONText {
        unsafe JSONText(start: parser.document.bytes + Int(node.text), count: Int(node.length))
    }

    /// The digits of a number as they stand in the document.
    package var literal: String? {
        guard node.kind == CSIMDJSON_NUMBER.rawValue else { return nil }
        return unsafe String(decoding: raw, as: UTF8.self)
    }

    /// Exact; `nil` for a fraction, an exponent or a number out of range.
    package var int64: Int64? { literal.flatMap { Int64($0) } }

    /// Exact; `nil` for a negative number, a fraction, an exponent or a number out of range.
    package var uint64: UInt64? { literal.flatMap { UInt64($0) } }

    /// The nearest double; infinite when out of range.
    package var double: Double? { literal.flatMap { Double($0) } }

    /// The value as it stands in the document (after mending), quotes and brackets included.
    package var rawBytes: [UInt8] { unsafe Array(raw) }

    /// Calls `body` with the unescaped UTF-8 of a string, valid UTF-8 always. The bytes are valid inside the closure.
    package func withUTF8<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
        let node = node
        guard node.kind == CSIMDJSON_STRING.rawValue else { return nil }
        return unsafe body(
            UnsafeBufferPointer(start: parser.document.bytes + Int(node.text), count: Int(node.length)))
    }

    /// Whether the value is a string with exactly these bytes.
    @inline(__always)
    package func isString(_ expected: StaticString) -> Bool {
        let node = node
        guard node.kind == CSIMDJSON_STRING.rawValue, Int(node.length) == expected.utf8CodeUnitCount else {
            return false
        }
        return unsafe isEqual(parser.document.bytes + Int(node.text), expected)
    }

    private var raw: UnsafeBufferPointer<UInt8> {
        let node = node
        return unsafe UnsafeBufferPointer(
            start: parser.document.bytes + Int(node.start), count: Int(node.end - node.start))
    }
}

@inline(__always)
func isEqual(_ bytes: UnsafePointer<UInt8>, _ expected: StaticString) -> Bool {
    let other = unsafe expected.utf8Start
    for index in 0..<expected.utf8CodeUnitCount where unsafe bytes[index] != other[index] { return false }
    return true
}
