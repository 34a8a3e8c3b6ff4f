import JSON

/// The members of a record's envelope, found in one pass over it, whatever noise relays put between them.
struct EnvelopeReader {
    enum Member: Int, CaseIterable {
        case action, corpID, from, messageID, roomID, sequence, time, to, type, switchTime, user

        var name: StaticString {
            switch self {
            case .action: "action"
            case .corpID: "corp_id"
            case .from: "from"
            case .messageID: "msgid"
            case .roomID: "roomid"
            case .sequence: "seq"
            case .time: "msgtime"
            case .to: "tolist"
            case .type: "msgtype"
            case .switchTime: "time"
            case .user: "user"
            }
        }
    }

    private static let names = JSONNames(Member.allCases.map(\.name))
    private var fields = JSONFields(names)

    mutating func read(_ root: JSONValue) { fields.read(root) }

    subscript(member: Member) -> JSONValue? { fields[member.rawValue] }

    /// A non-empty string, or the digits of a number.
    func identifier(_ member: Member) -> JSONText? { fields.identifier(member.rawValue) }
}
