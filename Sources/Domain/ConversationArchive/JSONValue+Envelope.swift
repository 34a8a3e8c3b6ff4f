import JSON

/// Reads members with what relays do to them: numbers as strings, strings as numbers, lists as one string, nulls.
extension JSONValue {
    /// A whole number, also as a string or with a fraction of zero.
    var lenientInteger: Int64? { identifier?.lenientInteger }

    /// Calls `body` with the strings of an array, or those in one string separated by commas; empty ones left out.
    func forEachIdentifier(_ body: (JSONText) -> Void) {
        switch kind {
        case .array:
            for element in elements {
                if let identifier = element.identifier { body(identifier) }
            }
        case .string, .number:
            guard var rest = identifier else { return }
            while let separator = (0..<rest.count).first(where: { Self.separates(rest[$0]) }) {
                if separator > 0 { body(rest.dropLast(rest.count - separator)) }
                rest = rest.dropFirst(separator + 1)
            }
            if !rest.isEmpty { body(rest) }
        default:
            break
        }
    }

    private static func separates(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: " "), 0x09...0x0D: true
        default: false
        }
    }
}

extension JSONText {
    /// A whole number, also with a fraction of zero or an exponent.
    var lenientInteger: Int64? {
        if let exact = int64 { return exact }
        let text = string
        if let exact = Int64(text) { return exact }
        guard let double = Double(text) else { return nil }
        return Int64(exactly: double.rounded(.towardZero))
    }
}
