import JSON

/// Reads the members of an envelope with what relays do to them: numbers as strings, strings as numbers, lists as one
/// string, nulls.
extension JSONValue {
    /// A non-empty string, or the literal text of a number.
    func identifier(_ key: StaticString) -> String? {
        guard let value = self[key] else { return nil }
        return value.identifier
    }

    var identifier: String? {
        guard let text = string ?? literal, !text.isEmpty else { return nil }
        return text
    }

    /// A whole number, also as a string or with a fraction of zero.
    var lenientInteger: Int64? {
        guard let text = literal ?? string else { return nil }
        if let exact = Int64(text) { return exact }
        guard let double = Double(text) else { return nil }
        return Int64(exactly: double.rounded(.towardZero))
    }

    /// What `transform` makes of the strings of an array, or of one string separated by commas; empty ones left out.
    func identifiers<Element>(_ transform: (String) -> Element) -> [Element] {
        switch kind {
        case .array:
            var result: [Element] = []
            result.reserveCapacity(count)
            for element in elements {
                if let identifier = element.identifier { result.append(transform(identifier)) }
            }
            return result
        case .string, .number:
            let parts = (identifier ?? "").split { $0 == "," || $0 == ";" || $0.isWhitespace }
            return parts.map { transform(String($0)) }
        default:
            return []
        }
    }
}
