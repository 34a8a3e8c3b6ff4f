import Contracts
import ConversationArchive
import Postgres
import Records
import WorkerRuntime

/// What a batch will write: rows encoded whole, duplicates inside the batch set apart.
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

    init(_ batch: Batch<ArchiveRecord>, topics: OutputTopics) throws(PostgresError) {
        let bytes = batch.items.reduce(4096) { $0 + 512 + ($1.record.value?.count ?? 0) * 2 }
        rows = MessageRows.buffer(table: "archive.messages", bytes: bytes)
        messages.reserveCapacity(batch.items.count)
        var factory = EventFactory(topics: topics)
        var seen: Set<MessageKey> = []
        seen.reserveCapacity(batch.items.count)
        for item in batch.items {
            switch item.event {
            case .companySwitch(let companySwitch):
                switches.append(PlannedSwitch(companySwitch: companySwitch, record: item.record))
            case .message(let archived):
                let key = MessageKey(corpID: archived.message.corpID, messageID: archived.message.messageID)
                guard seen.insert(key).inserted else {
                    repeated.append(PlannedMessage(archived: archived, record: item.record, events: []))
                    continue
                }
                let time = item.record.timestampMilliseconds ?? batch.nowMilliseconds
                let events = factory.events(of: archived.message, fallbackTime: time)
                try plan(PlannedMessage(archived: archived, record: item.record, events: events))
            }
        }
    }

    private mutating func plan(_ planned: PlannedMessage) throws(PostgresError) {
        if planned.archived.isFiledByID {
            try MessageRows.append(planned, to: &rows)
        } else {
            isTimely = false
        }
        months.insert(Month(milliseconds: planned.filedAt))
        messages.append(planned)
    }
}

/// A switch of the active company on its way into its log.
struct PlannedSwitch: Sendable {
    var companySwitch: CompanySwitch
    var record: Record
}
