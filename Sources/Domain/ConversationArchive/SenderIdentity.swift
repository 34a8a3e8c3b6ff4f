package import Contracts
package import JSON

/// Tells employees, customers and robots apart by the shape of their ids.
package enum SenderIdentity {
    /// Customers are `wm…` or `wo…`, robots `wb…`, each exactly 32 characters of `[A-Za-z0-9_-]`. Everybody else is an
    /// employee: userids such as `woody`, `wbliu` or `18900012345` are real.
    package static func kind(of id: JSONText) -> Party.Kind {
        guard id.count == 32, id[0] == UInt8(ascii: "w") else { return .employee }
        let kind: Party.Kind
        switch id[1] {
        case UInt8(ascii: "m"), UInt8(ascii: "o"): kind = .customer
        case UInt8(ascii: "b"): kind = .robot
        default: return .employee
        }
        for index in 2..<32 where !isOfAlphabet(id[index]) { return .employee }
        return kind
    }

    package static func kind(of id: String) -> Party.Kind {
        let buffer = JSONTextBuffer(capacity: 64)
        buffer.append(id)
        return withExtendedLifetime(buffer) { kind(of: buffer.text) }
    }

    static func party(_ id: JSONText) -> PartyText { PartyText(id: id, kind: kind(of: id)) }

    private static func isOfAlphabet(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
