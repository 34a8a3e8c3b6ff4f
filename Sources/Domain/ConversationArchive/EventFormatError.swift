import JSON

/// An event lacks a member or has one of the wrong type.
package struct EventFormatError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The member's name; empty when the event itself is no object.
    package var member: String

    package init(member: String) { self.member = member }

    package var description: String {
        member.isEmpty ? "not a JSON object" : "member `\(member)` is missing or has the wrong type"
    }
}

extension JSONValue {
    func required<Value>(
        _ key: StaticString, _ read: (JSONValue) -> Value?
    ) throws(EventFormatError) -> Value {
        guard let member = self[key], let value = read(member) else { throw EventFormatError(member: "\(key)") }
        return value
    }

    /// An absent member and `null` are the same.
    func optional<Value>(
        _ key: StaticString, _ read: (JSONValue) -> Value?
    ) throws(EventFormatError) -> Value? {
        guard let member = self[key], !member.isNull else { return nil }
        guard let value = read(member) else { throw EventFormatError(member: "\(key)") }
        return value
    }

    var object: JSONValue? { kind == .object ? self : nil }
    var array: JSONValue? { kind == .array ? self : nil }
}
