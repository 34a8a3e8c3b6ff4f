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
        for item in batch.items {
            switch item.event {
            case .companySwitch(let companySwitch):
                switches.append(companySwitch)
            case .message(let planned):
                if seen.insert(planned.key).inserted { add(planned) } else { repeated.append(planned) }
            }
        }
    }

    private mutating func add(_ planned: PlannedMessage) {
        if planned.isFiledByID { rows.append(planned.row) } else { isTimely = false }
        months.insert(Month(milliseconds: planned.filedAt))
        messages.append(planned)
    }
}
