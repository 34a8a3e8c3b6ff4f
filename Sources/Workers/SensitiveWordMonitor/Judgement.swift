package import Contracts

/// What the monitor thinks of a batch, before it looks at what is stored.
package struct Judgement: Sendable {
    /// A message that belongs to a conversation's memory: a line, or a recall.
    package struct Spoken: Sendable {
        package var message: ChatMessage
        /// Hits that alert somebody, if the store has none of them yet.
        package var hits: [JudgedHit]
        /// When it was said, milliseconds UTC: when it was sent, else the time inside its id, else now.
        package var moment: Int64

        package init(message: ChatMessage, hits: [JudgedHit], moment: Int64) {
            self.message = message
            self.hits = hits
            self.moment = moment
        }

        var conversation: ConversationKey {
            ConversationKey(corpID: message.corpID, conversationID: message.conversation.id)
        }

        /// What it withdraws; `nil` for a line.
        var target: RecallKey? {
            message.recalledMessageID.map { RecallKey(corpID: message.corpID, messageID: $0) }
        }
    }

    /// Every hit, those of old messages too, in the order of the messages.
    package var hits: [JudgedHit] = []
    /// In the order of the messages.
    package var spoken: [Spoken] = []

    package init() {}

    /// What was judged in several lanes, in their order. A hit that two of them have found is the first one's.
    init(joining judgements: [Judgement]) {
        var known: Set<JudgedHit.Key> = []
        for judgement in judgements {
            let found = judgement.hits.filter { !known.contains($0.key) }
            hits += found
            spoken += judgement.spoken.map { spoken in
                var spoken = spoken
                spoken.hits.removeAll { known.contains($0.key) }
                return spoken
            }
            known.formUnion(found.lazy.map(\.key))
        }
    }
}
