import Contracts
import ConversationArchive
import JSON

/// The key that keeps a conversation on one partition, whoever of it speaks.
enum ConversationKey {
    /// The conversation's id; for a record without one (a switch log) its msgid, so that repetitions meet; else none.
    static func of(_ root: JSONValue) -> [UInt8]? {
        if let conversation = Conversation(envelope: root) { return Array(conversation.id.utf8) }
        return root["msgid"]?.string.map { Array($0.utf8) }
    }
}
