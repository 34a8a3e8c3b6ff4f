import Contracts
import ConversationArchive
import Postgres
import Records
import Synchronization
import WorkerRuntime

/// Reads records and encodes what will be written and published of them, a sheet for each batch. One thread at a time: its
/// buffers are kept.
final class MessagePlanner {
    private let decoder = ArchiveDecoder()
    private var events: EventFactory
    /// Of the batch in hand; `nil` before its first message.
    private var sheet: MessageSheet?
    private var lastSize = MessageSheet.Size()

    init(topics: OutputTopics) { events = EventFactory(topics: topics) }

    /// What was planned so far is complete and given away.
    func turnPage() {
        if let sheet { lastSize = sheet.size }
        sheet = nil
    }

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
        let sheet = sheet ?? MessageSheet(expecting: lastSize)
        self.sheet = sheet
        do {
            return .message(on: sheet, at: try sheet.append(message, from: record, with: &events))
        } catch {
            throw Undecodable(reason: "unstorable", detail: "\(error)")
        }
    }

    private static func corpID(of record: Record) -> String? {
        guard let header = record.header(HeaderNames.corpID), !header.isEmpty else { return nil }
        return String(decoding: header, as: UTF8.self)
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
        defer {
            // Its sheet is the batch's now.
            slot.planner.turnPage()
            idle.withLock { $0.append(slot) }
        }
        return try body(slot.planner)
    }
}
