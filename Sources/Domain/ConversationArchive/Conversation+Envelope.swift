package import Contracts
package import JSON

extension Conversation {
    /// The conversation of a raw message as far as its envelope says; `nil` for one without `from`, such as a switch log.
    ///
    /// For producers that want a key: employees and customers are told apart by their ids alone, no directory is asked.
    package init?(envelope root: JSONValue) {
        guard let from = root.identifier("from") else { return nil }
        func party(_ id: String) -> Party { Party(id: id, kind: SenderIdentity.kind(of: id)) }
        self.init(
            messageID: root.identifier("msgid") ?? "", roomID: root.identifier("roomid"), sender: party(from),
            recipients: root["tolist"]?.identifiers(party) ?? [])
    }
}
