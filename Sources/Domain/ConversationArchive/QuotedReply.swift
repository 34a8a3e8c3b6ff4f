import JSON

/// Splits a quoted reply into the quotation and the sender's own words.
///
/// The platform delivers a reply as plain text: a fixed sentence, the quotation, a line of dashes, the new words. Without
/// that layout the whole text is the sender's.
enum QuotedReply {
    private static let prefix = "这是一条引用/回复消息"
    private static let minimumDashes = 6

    static func split(_ text: String) -> (own: String, quoted: String?) {
        let start = text.unicodeScalars.drop { $0.properties.isWhitespace || $0 == "「" || $0 == "“" || $0 == "\"" }
        guard start.starts(with: prefix.unicodeScalars) else { return (text, nil) }
        // The first line of dashes: what comes after the quotation must never be taken for a part of it.
        guard let dashes = firstDashes(in: text.utf8[start.startIndex...]) else { return (text, nil) }
        let quotedStart = text.unicodeScalars.index(start.startIndex, offsetBy: prefix.unicodeScalars.count)
        let own = trimmed(text[dashes.upperBound...])
        guard !own.isEmpty else { return (text, nil) }
        let quoted = trimmed(text[quotedStart..<dashes.lowerBound].drop { $0 == "：" || $0 == ":" || $0 == "」" })
        return (String(own), quoted.isEmpty ? nil : String(quoted))
    }

    /// Nearly all text is told apart by the first byte that is neither blank nor quotation mark: the lead byte of 这.
    static func mayBegin(_ text: JSONText) -> Bool {
        for index in 0..<text.count {
            switch text[index] {
            case 0xE8: return true
            // ASCII blanks and quotation marks; lead bytes of wider blanks, 「 and “.
            case 0x09...0x0D, 0x20, 0x22, 0xC2, 0xE1, 0xE2, 0xE3, 0x80...0xBF: continue
            default: return false
            }
        }
        return false
    }

    /// A line of nothing but dashes and blanks.
    private static func firstDashes(in text: Substring.UTF8View) -> Range<String.Index>? {
        var lineStart = text.startIndex
        while lineStart < text.endIndex {
            let lineEnd = text[lineStart...].firstIndex(of: UInt8(ascii: "\n")) ?? text.endIndex
            let line = text[lineStart..<lineEnd]
            let dashes = line.count { $0 == UInt8(ascii: "-") }
            let isDashes = line.allSatisfy {
                $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r")
            }
            if isDashes, dashes >= minimumDashes { return lineStart..<lineEnd }
            guard lineEnd < text.endIndex else { return nil }
            lineStart = text.index(after: lineEnd)
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
