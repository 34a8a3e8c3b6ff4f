import CSimdjson

/// Reads JSON documents, one after another, into buffers it keeps.
///
/// One thread at a time. The values of a document are valid until the parser reads the next one; using one later is a
/// mistake of ours and traps. No input traps: whatever the bytes are, the answer is a document or a ``JSONError``.
@safe package final class JSONParser {
    private let handle: OpaquePointer
    private(set) var document = unsafe csimdjson_document()
    /// Counts documents, so that a value of an earlier one is recognised.
    private(set) var generation: UInt32 = 0

    /// - Parameter maximumDepth: how many arrays and objects may stand inside one another.
    package init(maximumDepth: Int = 128) {
        precondition(maximumDepth > 0 && maximumDepth <= 65_536)
        guard let handle = unsafe csimdjson_create(UInt32(maximumDepth)) else {
            preconditionFailure("no memory for a JSON parser")
        }
        unsafe self.handle = unsafe handle
    }

    deinit { unsafe csimdjson_destroy(handle) }

    /// Reads strict JSON.
    package func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONDocument {
        try unsafe result(bytes.withUnsafeBufferPointer { unsafe parseStrictly($0) })
    }

    /// Reads JSON as relays send it: strictly, and if that fails once more with byte order mark, invalid UTF-8 and
    /// control characters inside strings mended.
    package func parseMending(_ bytes: [UInt8]) throws(JSONError) -> JSONDocument {
        try unsafe result(bytes.withUnsafeBufferPointer { unsafe parseMending($0) })
    }

    /// Reads the document that stands inside a string of another parser's document, mending it like
    /// ``parseMending(_:)``. A value that is no string is not JSON.
    package func parseMending(contentOf value: JSONValue) throws(JSONError) -> JSONDocument {
        precondition(value.parser !== self, "the outer document would be overwritten")
        guard let parsed = unsafe value.withUTF8({ unsafe parseMending($0) }) else { throw .syntax(offset: 0) }
        return try result(parsed)
    }

    private func parseMending(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<JSONDocument, JSONError> {
        let strict = unsafe parseStrictly(bytes)
        guard case .failure = strict else { return strict }
        let mended = unsafe JSONRepairs.mend(bytes)
        guard !mended.repairs.isEmpty else { return strict }
        return unsafe mended.bytes.withUnsafeBufferPointer { unsafe parseStrictly($0) }.map { document in
            JSONDocument(root: document.root, repairs: document.repairs.union(mended.repairs))
        }
    }

    private func parseStrictly(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<JSONDocument, JSONError> {
        generation &+= 1
        unsafe document = unsafe csimdjson_parse(handle, bytes.baseAddress, bytes.count)
        let offset = unsafe Int(document.error_offset)
        switch unsafe document.error {
        case CSIMDJSON_OK:
            let root = JSONValue(parser: self, index: 0, generation: generation)
            return unsafe .success(JSONDocument(root: root, repairs: JSONRepairs(rawValue: document.repairs)))
        case CSIMDJSON_DEPTH: return .failure(.tooDeep(offset: offset))
        case CSIMDJSON_UTF8: return .failure(.invalidUTF8)
        case CSIMDJSON_CONTROL_CHARACTER: return .failure(.controlCharacter)
        case CSIMDJSON_TOO_LARGE: return .failure(.tooLarge)
        case CSIMDJSON_MEMORY: return .failure(.outOfMemory)
        default: return .failure(.syntax(offset: offset))
        }
    }

    private func result(_ parsed: Result<JSONDocument, JSONError>) throws(JSONError) -> JSONDocument {
        try parsed.get()
    }
}

/// A document as a ``JSONParser`` read it.
package struct JSONDocument {
    package var root: JSONValue
    /// Empty for strict JSON without surprises.
    package var repairs: JSONRepairs
}
