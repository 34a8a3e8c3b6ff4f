/// The XML of call-backs: one element with elements in it. Whatever is not of that kind is refused: there are no
/// declarations, no attributes, no comments, no processing instructions, and no entities but the five of XML.
package struct CallbackXML: Sendable, Equatable {
    /// Elements may be nested so deep; the platform's are nested three deep.
    private static let maximumDepth = 8
    private static let maximumElements = 500

    /// Text of the elements directly in the root that hold nothing but text; the first of each name.
    package private(set) var fields: [String: String] = [:]

    /// - Returns: `nil` for anything else.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count <= CallbackCipher.maximumBytes, let text = String(validating: bytes, as: UTF8.self) else {
            return nil
        }
        var reader = Reader(rest: Substring(text))
        reader.skipSpace()
        guard reader.take("<xml>"), reader.elements(until: "xml", depth: 0) else { return nil }
        reader.skipSpace()
        guard reader.rest.isEmpty else { return nil }
        fields = reader.fields
    }

    private struct Reader {
        var rest: Substring
        var fields: [String: String] = [:]
        private var count = 0

        init(rest: Substring) { self.rest = rest }

        mutating func skipSpace() { rest = rest.drop { $0.isWhitespace } }

        mutating func take(_ prefix: String) -> Bool {
            guard rest.hasPrefix(prefix) else { return false }
            rest = rest.dropFirst(prefix.count)
            return true
        }

        /// Elements up to the end mark of the one they are in.
        mutating func elements(until name: String, depth: Int) -> Bool {
            guard depth <= maximumDepth else { return false }
            while true {
                skipSpace()
                if take("</\(name)>") { return true }
                guard element(depth: depth) else { return false }
            }
        }

        private mutating func element(depth: Int) -> Bool {
            count += 1
            guard count <= maximumElements, take("<"), let end = rest.firstIndex(of: ">") else { return false }
            let name = String(rest[..<end])
            guard (1...64).contains(name.count),
                name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
            else { return false }
            rest = rest[rest.index(after: end)...]
            let begin = rest
            if let text = text(), take("</\(name)>") {
                if depth == 0, fields[name] == nil { fields[name] = text }
                return true
            }
            rest = begin
            return elements(until: name, depth: depth + 1)
        }

        /// CDATA, or characters without markup; `nil` when neither stands here.
        private mutating func text() -> String? {
            if take("<![CDATA[") {
                guard let end = rest.firstRange(of: "]]>") else { return nil }
                let text = String(rest[..<end.lowerBound])
                rest = rest[end.upperBound...]
                return text
            }
            let raw = rest.prefix { $0 != "<" }
            rest = rest[raw.endIndex...]
            return Self.resolved(raw)
        }

        private static func resolved(_ raw: Substring) -> String? {
            guard raw.contains("&") else { return String(raw) }
            var result = ""
            var rest = raw
            while let mark = rest.firstIndex(of: "&") {
                result += rest[..<mark]
                let entities = ["&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&apos;": "'"]
                guard let (name, meaning) = entities.first(where: { rest[mark...].hasPrefix($0.key) }) else {
                    return nil
                }
                result += meaning
                rest = rest[mark...].dropFirst(name.count)
            }
            return result + rest
        }
    }
}
