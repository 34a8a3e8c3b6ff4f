import Foundation

/// Values in the query of an address.
enum QueryValue {
    /// Everything but unreserved ASCII is escaped.
    static func escaped(_ text: String) -> String {
        var allowed = CharacterSet.alphanumerics
        allowed.formIntersection(CharacterSet(charactersIn: "\u{21}"..."\u{7e}"))
        allowed.insert(charactersIn: "-_.~")
        return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }
}
