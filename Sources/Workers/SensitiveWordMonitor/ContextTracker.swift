import Contracts

/// Decides what each alert is told of its conversation. Pure: walks over a batch with what the store knows.
///
/// The outcome does not depend on how messages were cut into batches.
struct ContextTracker {
    /// Something to publish, in order.
    enum Event: Equatable {
        case alert(JudgedHit, before: [ContextLine], recalled: Bool)
        case context(AlertContext)

        /// Whose key it is published under.
        var conversation: ConversationKey {
            switch self {
            case .alert(let hit, _, _):
                ConversationKey(corpID: hit.message.corpID, conversationID: hit.message.conversation.id)
            case .context(let context):
                ConversationKey(corpID: context.corpID, conversationID: context.conversationID)
            }
        }
    }

    /// An alert that stands in the store.
    struct Raised: Hashable {
        var alertID: String
        var messageID: String
    }

    let limits: ContextLimits
    /// Stored lines of the conversations that have hits, oldest first.
    var lines: [ConversationKey: [ContextLine]] = [:]
    var watches: [ConversationKey: [ContextWatch]] = [:]
    /// What is known to have been withdrawn, of all the messages that are spoken of.
    var recalled: Set<RecallKey> = []
    /// Alerts of the messages that the batch withdraws.
    var raised: [RecallKey: [Raised]] = [:]

    private(set) var events: [Event] = []
    /// Conversations whose watches have to be stored.
    private(set) var changed: Set<ConversationKey> = []
    /// New recalls.
    private(set) var recalls: Set<RecallKey> = []
    /// Alerts of this batch that have not been reached yet.
    private var pending: Set<String> = []

    init(limits: ContextLimits) { self.limits = limits }

    /// - Parameter new: hits that the store did not have.
    mutating func walk(_ spoken: [Judgement.Spoken], new: Set<JudgedHit.Key>) {
        pending = Set(spoken.flatMap(\.hits).filter { new.contains($0.key) }.map(\.alertID))
        for spoken in spoken {
            expireWatches(of: spoken)
            if let target = spoken.target {
                withdraw(target, spoken)
            } else {
                let line = line(of: spoken.message)
                tell(line, spoken)
                raise(spoken.hits.filter { new.contains($0.key) }, spoken, line)
                remember(line, in: spoken.conversation)
            }
        }
    }

    private func line(of message: ChatMessage) -> ContextLine { marked(ContextLine(message), corpID: message.corpID) }

    private func marked(_ line: ContextLine, corpID: String) -> ContextLine {
        var line = line
        line.recalled = recalled.contains(RecallKey(corpID: corpID, messageID: line.messageID)) ? true : nil
        return line
    }

    private mutating func expireWatches(of spoken: Judgement.Spoken) {
        guard let open = watches[spoken.conversation] else { return }
        let kept = open.filter { spoken.moment - $0.saidAt <= limits.age.milliseconds }
        guard kept.count < open.count else { return }
        watches[spoken.conversation] = kept
        changed.insert(spoken.conversation)
    }

    private mutating func tell(_ line: ContextLine, _ spoken: Judgement.Spoken) {
        let key = spoken.conversation
        for index in watches[key, default: []].indices {
            guard let watch = watches[key]?[index], watch.told < limits.lines,
                !watch.known.contains(line.messageID), !watch.isPreceded(by: spoken.message.sequence)
            else { continue }
            watches[key]?[index].told += 1
            watches[key]?[index].known.append(line.messageID)
            changed.insert(key)
            events.append(.context(context(of: watch.alertID, key, lines: [line])))
        }
    }

    private mutating func raise(_ hits: [JudgedHit], _ spoken: Judgement.Spoken, _ line: ContextLine) {
        guard !hits.isEmpty else { return }
        let key = spoken.conversation
        let earliest = spoken.moment - limits.age.milliseconds
        let before = lines[key, default: []].filter {
            $0.messageID != line.messageID && $0.sentAt.map { $0 >= earliest } ?? true
        }.suffix(limits.lines).map { marked($0, corpID: key.corpID) }
        for hit in hits {
            pending.remove(hit.alertID)
            events.append(.alert(hit, before: before, recalled: line.recalled == true))
            let watch = ContextWatch(
                alertID: hit.alertID, saidAt: spoken.moment, sequence: spoken.message.sequence,
                known: before.map(\.messageID) + [line.messageID])
            watches[key] = (watches[key, default: []] + [watch]).suffix(ContextLimits.maximumWatches)
            changed.insert(key)
        }
    }

    /// Of conversations with hits. The same message may have come through two partitions.
    private mutating func remember(_ line: ContextLine, in key: ConversationKey) {
        guard let known = lines[key], !known.contains(where: { $0.messageID == line.messageID }) else { return }
        // One more than is shown, because the hit's own message may be among them.
        lines[key] = (known + [line]).suffix(limits.lines + 1)
    }

    private mutating func withdraw(_ target: RecallKey, _ spoken: Judgement.Spoken) {
        guard recalled.insert(target).inserted else { return }
        recalls.insert(target)
        let key = spoken.conversation
        var told: Set<String> = []
        let hits = raised[target, default: []].filter { !pending.contains($0.alertID) }
        let lines = watches[key, default: []].compactMap { watch in
            watch.known.first { RecallKey(corpID: key.corpID, messageID: $0) == target }.map {
                Raised(alertID: watch.alertID, messageID: $0)
            }
        }
        for alert in hits + lines where told.insert(alert.alertID).inserted {
            events.append(.context(context(of: alert.alertID, key, recalled: [alert.messageID])))
        }
    }

    private func context(
        of alertID: String, _ key: ConversationKey, lines: [ContextLine] = [], recalled: [String] = []
    ) -> AlertContext {
        AlertContext(
            alertID: alertID, corpID: key.corpID, conversationID: key.conversationID, lines: lines,
            recalledMessageIDs: recalled)
    }
}
