package import Contracts

extension Conversation {
    /// The conversation a message belongs to; the same whoever speaks.
    ///
    /// A room is `g:<roomid>`. Without one, two people are `s:<a>|<b>` in byte order of their ids and anything else is
    /// `m:<hash of all participants>`. Employees' ids are compared in lower case, outsiders' are case-sensitive.
    package init(messageID: String, roomID: String?, sender: Party, recipients: [Party]) {
        let external =
            sender.kind == .customer || recipients.contains { $0.kind == .customer }
            || MessageID.isExternal(messageID)
        if let roomID {
            self.init(id: "g:" + roomID, kind: .group, external: external)
            return
        }
        let from = Self.normalized(sender)
        if recipients.count == 1, let recipient = recipients.first {
            let to = Self.normalized(recipient)
            if from != to, to.utf8.count <= ArchiveDecoder.maximumIDBytes {
                let ordered = Self.precedes(from, to) ? "s:\(from)|\(to)" : "s:\(to)|\(from)"
                self.init(id: ordered, kind: .single, external: external)
                return
            }
        }
        let others = Set(recipients.map(Self.normalized)).subtracting([from]).sorted(by: Self.precedes)
        if others.count == 1, others[0].utf8.count <= ArchiveDecoder.maximumIDBytes {
            let ordered = Self.precedes(from, others[0]) ? "s:\(from)|\(others[0])" : "s:\(others[0])|\(from)"
            self.init(id: ordered, kind: .single, external: external)
            return
        }
        let all = (others + [from]).sorted(by: Self.precedes)
        self.init(id: "m:" + StableHash.hexadecimal(of: all), kind: .multi, external: external)
    }

    private static func normalized(_ party: Party) -> String {
        guard party.kind == .employee else { return party.id }
        let needsLowering = party.id.utf8.contains {
            $0 >= 0x80 || ($0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z"))
        }
        return needsLowering ? party.id.lowercased() : party.id
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
