package import Contracts

/// Tells employees, customers and robots apart by the shape of their ids.
package enum SenderIdentity {
    /// Customers are `wm…` or `wo…`, robots `wb…`, each exactly 32 characters of `[A-Za-z0-9_-]`. Everybody else is an
    /// employee: userids such as `woody`, `wbliu` or `18900012345` are real.
    package static func kind(of id: String) -> Party.Kind {
        let bytes = id.utf8
        guard bytes.count == 32 else { return .employee }
        var iterator = bytes.makeIterator()
        guard iterator.next() == UInt8(ascii: "w"), let second = iterator.next() else { return .employee }
        let kind: Party.Kind
        switch second {
        case UInt8(ascii: "m"), UInt8(ascii: "o"): kind = .customer
        case UInt8(ascii: "b"): kind = .robot
        default: return .employee
        }
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                continue
            default: return .employee
            }
        }
        return kind
    }
}
