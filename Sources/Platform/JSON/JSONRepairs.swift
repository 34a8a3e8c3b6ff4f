/// What had to be mended before a document could be read.
package struct JSONRepairs: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// An escaped surrogate without its other half became U+FFFD.
    package static let loneSurrogate = JSONRepairs(rawValue: 1)
    /// An escaped U+0000 was left out: PostgreSQL's text cannot hold it.
    package static let nul = JSONRepairs(rawValue: 2)
    /// A byte order mark before the document was dropped.
    package static let byteOrderMark = JSONRepairs(rawValue: 4)
    /// Bytes that are not UTF-8 became U+FFFD.
    package static let invalidUTF8 = JSONRepairs(rawValue: 8)
    /// Unescaped control characters inside strings were left out.
    package static let controlCharacter = JSONRepairs(rawValue: 16)

    /// The words of a string may differ from what was sent.
    package static let changedText: JSONRepairs = [.loneSurrogate, .nul, .invalidUTF8, .controlCharacter]
}

extension JSONRepairs {
    /// Mends what strict JSON refuses but relays are known to send: a byte order mark, bytes that are not UTF-8, and
    /// control characters inside strings.
    static func mend(_ bytes: UnsafeBufferPointer<UInt8>) -> (bytes: [UInt8], repairs: JSONRepairs) {
        var repairs: JSONRepairs = []
        var input = unsafe bytes[...]
        if unsafe input.starts(with: [0xEF, 0xBB, 0xBF]) {
            unsafe input = unsafe input.dropFirst(3)
            repairs.insert(.byteOrderMark)
        }
        var mended: [UInt8] = []
        if let valid = unsafe String(validating: input, as: UTF8.self) {
            mended = Array(valid.utf8)
        } else {
            mended = unsafe Array(String(decoding: input, as: UTF8.self).utf8)
            repairs.insert(.invalidUTF8)
        }

        var kept = 0
        var inString = false
        var escaped = false
        for index in mended.indices {
            let byte = mended[index]
            if inString {
                if byte < 0x20 {
                    repairs.insert(.controlCharacter)
                    continue
                }
                if escaped {
                    escaped = false
                } else if byte == UInt8(ascii: "\\") {
                    escaped = true
                } else if byte == UInt8(ascii: "\"") {
                    inString = false
                }
            } else if byte == UInt8(ascii: "\"") {
                inString = true
            }
            mended[kept] = byte
            kept += 1
        }
        mended.removeLast(mended.count - kept)
        return (mended, repairs)
    }
}
