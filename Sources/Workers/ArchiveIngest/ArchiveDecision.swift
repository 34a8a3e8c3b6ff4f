import Contracts
import ConversationArchive
import Postgres
import Records

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

    /// - Parameter fallbackTime: for events of messages without any time, milliseconds UTC.
    init(
        _ items: [(ArchiveRecord, Record)], topics: OutputTopics, fallbackTime: Int64
    ) throws(PostgresError) {
        let bytes = items.reduce(4096) { $0 + 512 + ($1.1.value?.count ?? 0) * 2 }
        rows = MessageRows.buffer(table: "archive.messages", bytes: bytes)
        messages.reserveCapacity(items.count)
        var factory = EventFactory(topics: topics)
        var seen: Set<MessageKey> = []
        seen.reserveCapacity(items.count)
        for (event, record) in items {
            switch event {
            case .companySwitch(let companySwitch):
                switches.append(PlannedSwitch(companySwitch: companySwitch, record: record))
            case .message(let archived):
                var planned = PlannedMessage(archived: archived, record: record, events: [])
                let message = archived.message
                guard seen.insert(MessageKey(corpID: message.corpID, messageID: message.messageID)).inserted else {
                    repeated.append(planned)
                    continue
                }
                planned.events = factory.events(
                    of: message, fallbackTime: record.timestampMilliseconds ?? fallbackTime)
                if archived.isFiledByID {
                    try MessageRows.append(planned, to: &rows)
                } else {
                    isTimely = false
                }
                months.insert(Month(milliseconds: planned.filedAt))
                messages.append(planned)
            }
        }
    }
}

/// A switch of the active company on its way into its log.
struct PlannedSwitch: Sendable {
    var companySwitch: CompanySwitch
    var record: Record
}
