package import Contracts
package import JSON

/// The hot path's way from JSON: same keys and meaning as `Codable`, at a fraction of its cost.
extension ChatMessage {
    /// Reads what ``ArchivedMessage/encodeJSON(with:)`` or a `Codable` encoder wrote. Unknown members are ignored.
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
