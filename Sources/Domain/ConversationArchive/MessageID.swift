import JSON

/// What the text of a `msgid` says.
package enum MessageID {
    private static let externalSuffix = "_external"

    /// A conversation with somebody outside the corp.
    package static func isExternal(_ id: String) -> Bool { id.hasSuffix(externalSuffix) }

    static func isExternal(_ id: JSONText) -> Bool { id.hasSuffix("_external") }

    /// The id without `_external`: recalls name their target with or without it.
    package static func base(_ id: String) -> String {
        isExternal(id) ? String(id.dropLast(externalSuffix.utf8.count)) : id
    }
}
