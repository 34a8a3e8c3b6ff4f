/// Walks the tokens of one JSON text without building a tree, so that a rewriter can copy every byte it doesn't change:
/// numbers beyond Int64, key order and odd spacing survive.
struct JSONScanner {
    enum Token: Equatable {
        /// `{ } [ ] , :`
        case punctuation(UInt8)
        /// With its quotes.
        case string(Range<Int>)
        /// A number, `true`, `false` or `null`.
        case literal(Range<Int>)
    }

    let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next token; `nil` at the end or at something that is not JSON.
    mutating func next() -> Token? {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
        guard position < bytes.count else { return nil }
        let start = position
        switch bytes[position] {
        case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ","),
            UInt8(ascii: ":"):
            position += 1
            return .punctuation(bytes[start])
        case UInt8(ascii: "\""):
            position += 1
            while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
                position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
            }
            guard position < bytes.count else { return nil }
            position += 1
            return .string(start..<position)
        default:
            while position < bytes.count, isLiteral(bytes[position]) { position += 1 }
            return position > start ? .literal(start..<position) : nil
        }
    }

    private func isLiteral(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
