import Contracts
import ConversationArchive
import Postgres
import Records
import Synchronization
import WorkerRuntime

/// Reads records and encodes what will be written and published of them. One thread at a time: its buffers are kept.
final class MessagePlanner {
    private let decoder = ArchiveDecoder()
    private var events: EventFactory
    private var rows = MessageRows.buffer(table: "archive.messages")

    init(topics: OutputTopics) { events = EventFactory(topics: topics) }

    func plan(_ record: Record, value: [UInt8], directory: ArchiveDirectory) throws(Undecodable) -> PlannedRecord {
        let message: ArchivedMessage
        do {
            switch try decoder.decode(value, headerCorpID: Self.corpID(of: record), directory: directory) {
            case .companySwitch(let companySwitch):
                return .companySwitch(PlannedSwitch(companySwitch: companySwitch, record: record))
            case .message(let decoded): message = decoded
            }
        } catch {
            throw Undecodable(reason: error.reason.rawValue, detail: error.detail)
        }
        let row = try row(of: message, record)
        let event = events.message(message)
        let activity = events.activity(
            in: message, fallbackTime: record.timestampMilliseconds ?? PlannedMessage.undated)
        return .message(PlannedMessage(message, record: record, row: row, event: event, activity: activity))
    }

    private static func corpID(of record: Record) -> String? {
        guard let header = record.header(HeaderNames.corpID), !header.isEmpty else { return nil }
        return String(decoding: header, as: UTF8.self)
    }

    private func row(of message: ArchivedMessage, _ record: Record) throws(Undecodable) -> PostgresCopyRow {
        do {
            try MessageRows.append(message, from: record, to: &rows)
        } catch {
            throw Undecodable(reason: "unstorable", detail: "\(error)")
        }
        return rows.removeLastRow()
    }
}

/// Planners kept for reuse: their buffers are worth more than the message.
///
/// Lanes read at the same time, each with a planner of its own.
final class PlannerPool: Sendable {
    /// Sendable although the planner is not: only who has taken it out of the pool uses it.
    private final class Slot: @unchecked Sendable {
        let planner: MessagePlanner

        init(topics: OutputTopics) { planner = MessagePlanner(topics: topics) }
    }

    private let idle = Mutex<[Slot]>([])
    private let topics: OutputTopics

    init(topics: OutputTopics) { self.topics = topics }

    func withPlanner<Result, Failure: Error>(
        _ body: (MessagePlanner) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let slot = idle.withLock { $0.popLast() } ?? Slot(topics: topics)
        defer { idle.withLock { $0.append(slot) } }
        return try body(slot.planner)
    }
}
