import Contracts
import JSON

/// Finds the conversation a message belongs to; the same whoever speaks.
///
/// A room is `g:<roomid>`. Without one, two people are `s:<a>|<b>` in byte order of their ids and anything else is
/// `m:<hash of all participants>`. Employees' ids are compared in lower case, outsiders' are case-sensitive.
///
/// One thread at a time; the id it answers is valid until the next one.
final class ConversationReader {
    private let id = JSONTextBuffer(capacity: 1024)
    private let from = JSONTextBuffer(capacity: 512)
    private let to = JSONTextBuffer(capacity: 512)

    func conversation(
        messageID: JSONText, roomID: JSONText?, sender: PartyText, recipients: [PartyText]
    ) -> ConversationText {
        let external =
            sender.kind == .customer || recipients.contains { $0.kind == .customer }
            || MessageID.isExternal(messageID)
        id.removeAll()
        let kind: Conversation.Kind
        if let roomID {
            id.append("g:")
            id.append(roomID)
            kind = .group
        } else {
            normalize(sender, into: from)
            kind = appendPeople(recipients)
        }
        return ConversationText(id: id.text, kind: kind, external: external)
    }

    private func appendPeople(_ recipients: [PartyText]) -> Conversation.Kind {
        if recipients.count == 1 {
            normalize(recipients[0], into: to)
        } else {
            // Calls name the sender among the recipients, and somebody may be named twice.
            let others = Set(recipients.map(normalized)).subtracting([from.text.string])
            guard let only = others.first, others.count == 1 else { return appendHash(of: others) }
            to.removeAll()
            to.append(only)
        }
        if from.text == to.text { return appendHash(of: []) }
        if to.text.count > ArchiveDecoder.maximumIDBytes { return appendHash(of: [to.text.string]) }
        let fromLeads = from.text.precedes(to.text)
        id.append("s:")
        id.append(fromLeads ? from.text : to.text)
        id.append("|")
        id.append(fromLeads ? to.text : from.text)
        return .single
    }

    private func appendHash(of others: Set<String>) -> Conversation.Kind {
        var hash = StableHash()
        let everybody = others.union([from.text.string])
        for id in everybody.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) { hash.combine(id.utf8) }
        id.append("m:")
        id.append(hash.hexadecimal)
        return .multi
    }

    private func normalize(_ party: PartyText, into buffer: JSONTextBuffer) {
        buffer.removeAll()
        if party.kind == .employee { buffer.append(lowercased: party.id) } else { buffer.append(party.id) }
    }

    private func normalized(_ party: PartyText) -> String {
        Party(id: party.id.string, kind: party.kind).normalizedID
    }
}

extension Party {
    /// What ids are compared by: employees' regardless of case.
    package var normalizedID: String { kind == .employee ? id.lowercased() : id }
}
