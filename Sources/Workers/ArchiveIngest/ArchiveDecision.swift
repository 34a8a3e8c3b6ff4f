import ConversationArchive
import Postgres
import WorkerRuntime

/// What a batch will write: duplicates inside the batch set apart.
package struct ArchiveDecision: Sendable {
    /// Each message once, in the order of its record.
    var messages: [PlannedMessage] = []
    /// Rows of the messages whose msgid holds a time: the primary key finds every repetition.
    var rows: PostgresCopyBuffer
    /// Came again within the batch; another version if it says something else.
    var repeated: [PlannedMessage] = []
    var switches: [PlannedSwitch] = []
    var months: Set<Month> = []
    /// The highest number a puller gave in the batch, by corp.
    var highestSequences: [String: Int64] = [:]
    /// No message without a time in its msgid: nothing to look up first.
    var isTimely = true

    init(_ batch: Batch<PlannedRecord>) {
        let bytes = batch.items.reduce(64) { sum, item in
            if case .message(let planned) = item.event { sum + planned.row.byteCount } else { sum }
        }
        rows = MessageRows.buffer(table: "archive.messages", bytes: bytes)
        messages.reserveCapacity(batch.items.count)
        var seen: Set<MessageKey> = []
        seen.reserveCapacity(batch.items.count)
        var numbers = HighestSequence()
        for item in batch.items {
            switch item.event {
            case .companySwitch(let companySwitch):
                switches.append(companySwitch)
                numbers.take(
                    companySwitch.companySwitch.sequence.flatMap { Int64(exactly: $0) },
                    of: companySwitch.companySwitch.corpID)
            case .message(let planned):
                numbers.take(planned.sequence, of: planned.key.corpID)
                if seen.insert(planned.key).inserted { add(planned) } else { repeated.append(planned) }
            }
        }
        highestSequences = numbers.all
    }

    /// What several lanes have decided, in their order. A message that two of them bring fails by its key, and each is
    /// then written alone.
    init(joining decisions: [ArchiveDecision]) {
        let bytes = decisions.reduce(64) { $0 + $1.messages.reduce(0) { $0 + $1.row.byteCount } }
        rows = MessageRows.buffer(table: "archive.messages", bytes: bytes)
        for decision in decisions {
            for planned in decision.messages { add(planned) }
            repeated += decision.repeated
            switches += decision.switches
            highestSequences.merge(decision.highestSequences) { max($0, $1) }
        }
    }

    private mutating func add(_ planned: PlannedMessage) {
        if planned.isFiledByID { rows.append(planned.row) } else { isTimely = false }
        months.insert(Month(milliseconds: planned.filedAt))
        messages.append(planned)
    }
}

/// The highest number of each corp. A batch is nearly always of one corp, so the dictionary is touched when it changes.
private struct HighestSequence {
    private var corpID = ""
    private var highest: Int64?
    private var others: [String: Int64] = [:]

    mutating func take(_ sequence: Int64?, of corpID: String) {
        guard let sequence else { return }
        if corpID != self.corpID {
            others = all
            self.corpID = corpID
            highest = others[corpID]
        }
        highest = max(highest ?? sequence, sequence)
    }

    var all: [String: Int64] {
        guard let highest else { return others }
        return others.merging([corpID: highest]) { max($0, $1) }
    }
}
