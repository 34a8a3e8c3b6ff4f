package import Contracts
package import JSON

extension Conversation {
    /// The conversation of a raw message as far as its envelope says; `nil` for one without `from`, such as a switch log.
    ///
    /// For producers that want a key: employees and customers are told apart by their ids alone, no directory is asked.
    package init?(envelope root: JSONValue) {
        guard let from = root["from"]?.identifier else { return nil }
        var recipients: [PartyText] = []
        root["tolist"]?.forEachIdentifier { recipients.append(SenderIdentity.party($0)) }
        let reader = ConversationReader()
        // The id that is found stands in the reader's memory.
        self = withExtendedLifetime(reader) {
            let found = reader.conversation(
                messageID: root["msgid"]?.identifier ?? JSONText(""), roomID: root["roomid"]?.identifier,
                sender: SenderIdentity.party(from), recipients: recipients)
            return Conversation(id: found.id.string, kind: found.kind, external: found.external)
        }
    }
}
