package import Contracts
package import JSON

extension ArchivedMessage {
    /// The message as a ``Contracts/ChatMessage`` in JSON: one object; absent members are left out.
    ///
    /// - Parameter writer: has it afterwards and nothing else; its memory is kept for the next message.
    package func encodeJSON(with writer: inout JSONWriter) {
        writer.removeAll()
        writer.beginObject()
        writer.member("corp_id", corpID)
        writer.member("msgid", messageID)
        writer.member("filed_at", filedAt)
        writer.member("sent_at", sentAt)
        writer.member("seq", sequence)
        writer.member("action", JSONText(action.name))
        writer.member("msgtype", messageType)
        writer.key("conversation")
        writer.beginObject()
        writer.member("id", conversation.id)
        writer.member("kind", JSONText(conversation.kind.name))
        writer.key("external")
        writer.bool(conversation.external)
        writer.endObject()
        writer.key("sender")
        writer.party(sender)
        writer.key("recipients")
        writer.beginArray()
        for recipient in recipients { writer.party(recipient) }
        writer.endArray()
        writer.member("text", text)
        writer.member("quoted_text", quotedText)
        writer.key("forwarded")
        writer.bool(forwarded)
        writer.member("recalled_msgid", recalledMessageID)
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func party(_ party: PartyText) {
        beginObject()
        member("id", party.id)
        member("kind", JSONText(party.kind.name))
        endObject()
    }
}

/// The words of the wire and the tables, where they need not be copied.
extension ArchivedMessage.Action {
    package var name: StaticString {
        switch self {
        case .send: "send"
        case .recall: "recall"
        }
    }
}

extension Party.Kind {
    package var name: StaticString {
        switch self {
        case .employee: "employee"
        case .customer: "customer"
        case .robot: "robot"
        }
    }
}

extension Conversation.Kind {
    package var name: StaticString {
        switch self {
        case .single: "single"
        case .group: "group"
        case .multi: "multi"
        }
    }
}
