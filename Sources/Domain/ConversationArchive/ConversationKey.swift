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
        let others = Self.others(recipients, than: from)
        if others.count == 1, let to = others.first, to.utf8.count <= ArchiveDecoder.maximumIDBytes {
            let ids = Self.precedes(from, to) ? (from, to) : (to, from)
            var id = "s:"
            id.reserveCapacity(3 + ids.0.utf8.count + ids.1.utf8.count)
            id += ids.0
            id += "|"
            id += ids.1
            self.init(id: id, kind: .single, external: external)
            return
        }
        var hash = StableHash()
        for id in (others + [from]).sorted(by: Self.precedes) { hash.combine(id.utf8) }
        self.init(id: "m:" + hash.hexadecimal, kind: .multi, external: external)
    }

    /// Everybody but the sender, each once. Calls name the sender among the recipients.
    private static func others(_ recipients: [Party], than sender: String) -> [String] {
        if recipients.count == 1 {
            let only = normalized(recipients[0])
            return only == sender ? [] : [only]
        }
        return Array(Set(recipients.lazy.map(normalized)).subtracting([sender]))
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
