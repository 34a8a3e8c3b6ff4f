package import Contracts
package import JSON

/// The hot path's way to and from JSON: same keys and meaning as `Codable`, at a fraction of its cost.
extension ChatMessage {
    /// The message as one JSON object; absent members are left out.
    package func encodeJSON() -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: 512 + (text?.utf8.count ?? 0) + recipients.count * 72)
        return encodeJSON(with: &writer)
    }

    /// The same in a writer's memory, which is kept for the next message.
    package func encodeJSON(with writer: inout JSONWriter) -> [UInt8] {
        writer.removeAll()
        writer.beginObject()
        writer.member("corp_id", corpID)
        writer.member("msgid", messageID)
        writer.member("filed_at", filedAt)
        writer.member("sent_at", sentAt)
        writer.member("seq", sequence)
        writer.member("action", action)
        writer.member("msgtype", messageType)
        writer.key("conversation")
        writer.beginObject()
        writer.member("id", conversation.id)
        writer.member("kind", conversation.kind.rawValue)
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
        return writer.bytes
    }

    /// Reads what ``encodeJSON()`` or a `Codable` encoder wrote. Unknown members are ignored.
    package init(json: JSONValue) throws(EventFormatError) {
        guard json.kind == .object else { throw EventFormatError(member: "") }
        self.init(
            corpID: try json.required("corp_id", \.string),
            messageID: try json.required("msgid", \.string),
            filedAt: try json.optional("filed_at", \.int64),
            sentAt: try json.optional("sent_at", \.int64),
            sequence: try json.optional("seq", \.uint64),
            action: try json.required("action", \.string),
            messageType: try json.required("msgtype", \.string),
            conversation: try Conversation(json: try json.required("conversation", \.object)),
            sender: try Party(json: try json.required("sender", \.object)),
            recipients: try Self.parties(in: try json.required("recipients", \.array)),
            text: try json.optional("text", \.string),
            quotedText: try json.optional("quoted_text", \.string),
            forwarded: try json.required("forwarded", \.bool),
            recalledMessageID: try json.optional("recalled_msgid", \.string))
    }

    private static func parties(in array: JSONValue) throws(EventFormatError) -> [Party] {
        var parties: [Party] = []
        parties.reserveCapacity(array.count)
        for element in array.elements { parties.append(try Party(json: element)) }
        return parties
    }
}

extension Conversation {
    fileprivate init(json: JSONValue) throws(EventFormatError) {
        guard let kind = Kind(rawValue: try json.required("kind", \.string)) else {
            throw EventFormatError(member: "conversation.kind")
        }
        self.init(
            id: try json.required("id", \.string), kind: kind, external: try json.required("external", \.bool))
    }
}

extension Party {
    fileprivate init(json: JSONValue) throws(EventFormatError) {
        guard let kind = Kind(rawValue: try json.required("kind", \.string)) else {
            throw EventFormatError(member: "party.kind")
        }
        self.init(id: try json.required("id", \.string), kind: kind)
    }
}

extension JSONWriter {
    fileprivate mutating func party(_ party: Party) {
        beginObject()
        member("id", party.id)
        member("kind", party.kind.rawValue)
        endObject()
    }
}
