import Contracts
import ConversationArchive
import JSON

/// A conversation as one message shows it, and what the message adds to its totals.
///
/// A copy of the texts it is made of: the conversation's id only, in the bytes that its event has as key.
struct ConversationSighting: Sendable {
    let key: Key
    let kind: Conversation.Kind
    let external: Bool
    /// Stands for the set of people who take part, whoever of them speaks.
    let people: UInt64
    /// Whether it counts: recalls are no words of anybody.
    let counts: Bool
    let side: Party.Kind
    /// When it was sent, as far as known; milliseconds UTC.
    let time: Int64?

    /// The primary key.
    struct Key: Hashable, Sendable {
        let corpID: String
        let id: [UInt8]
        private let fingerprint: UInt64

        init(corpID: String, id: [UInt8], fingerprint: UInt64) {
            self.corpID = corpID
            self.id = id
            self.fingerprint = fingerprint
        }

        static func == (left: Key, right: Key) -> Bool {
            left.fingerprint == right.fingerprint && left.id == right.id && left.corpID == right.corpID
        }

        func hash(into hasher: inout Hasher) { hasher.combine(fingerprint) }
    }

    init(_ message: ArchivedMessage, id: [UInt8]) {
        key = Key(corpID: message.corpID, id: id, fingerprint: message.conversation.id.fingerprint)
        kind = message.conversation.kind
        external = message.conversation.external
        var people = message.sender.id.fingerprint
        for recipient in message.recipients where !(recipient.id == message.sender.id) {
            people &+= recipient.id.fingerprint
        }
        self.people = people
        counts = message.action == .send
        side = message.sender.kind
        time = message.sentAt ?? message.filedAt
    }
}
