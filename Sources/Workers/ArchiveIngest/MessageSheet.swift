import Contracts
import ConversationArchive
import JSON
import Postgres
import Records
import WorkerRuntime

/// What the messages of a batch become: their rows and events, encoded one after the other into memory they share, and
/// the little that is needed beside them.
///
/// Encoded as soon as a message is read, so that the decoded text is gone before the next one comes: a batch of decoded
/// messages would not fit into a processor's cache. And written together, because what lives on its own is allocated,
/// counted at every step and freed again, message by message.
///
/// Sendable although a class that is written to: one planner fills it while a batch is read; nobody changes it later.
package final class MessageSheet: @unchecked Sendable {
    private(set) var messages: [PlannedMessage] = []
    /// Rows of `archive.messages`, in the order of `messages`.
    private(set) var rows: PostgresCopyBuffer
    /// What is published once the rows are really stored, in the order of `messages`. Keys are the conversations' ids, or
    /// the customers'.
    private(set) var events = DerivedRecords()
    /// Each once.
    private(set) var conversations: [ConversationKey] = []
    private(set) var corps: [Corp] = []
    private(set) var facts: [ArchiveFact] = []
    private(set) var media: [MediaReference] = []
    private var messageIDs: [UInt8] = []
    private var conversationPlaces: [UInt64: Int] = [:]

    /// A corp, and the routes of its events.
    struct Corp {
        var id: String
        var messages: Int
        var customerEvents: Int
    }

    /// - Parameter size: how much is about to be written, as far as can be guessed.
    init(expecting size: Size = Size()) {
        rows = MessageRows.buffer(table: "archive.messages", bytes: size.rowBytes)
        events.reserve(records: size.messages * 2, bytes: size.eventBytes)
        messages.reserveCapacity(size.messages)
        messageIDs.reserveCapacity(size.messages * 40)
    }

    /// What a batch is decided from: one sheet, and the places on it of the batch's messages, in their order.
    ///
    /// A batch that is read in one go has all its messages on one sheet; only what was read record by record, as redriven
    /// records are, has to be brought together.
    static func gathering(_ records: some Collection<PlannedRecord>) -> (sheet: MessageSheet, indices: [Int]) {
        var only: MessageSheet?
        var indices: [Int] = []
        indices.reserveCapacity(records.count)
        for case .message(let sheet, let index) in records {
            if only == nil { only = sheet }
            guard only === sheet else { return joining(records) }
            indices.append(index)
        }
        return (only ?? MessageSheet(), indices)
    }

    private static func joining(_ records: some Collection<PlannedRecord>) -> (sheet: MessageSheet, indices: [Int]) {
        let joined = MessageSheet()
        for case .message(let sheet, let index) in records { _ = joined.take(sheet.messages[index], of: sheet) }
        return (joined, Array(joined.messages.indices))
    }

    struct Size {
        var messages = 0
        var rowBytes = 4096
        var eventBytes = 0
    }

    var size: Size { Size(messages: messages.count, rowBytes: rows.byteCount, eventBytes: events.records.byteCount) }

    // MARK: Writing

    /// - Returns: the message's place.
    func append(
        _ message: ArchivedMessage, from record: Record, with events: inout EventFactory
    ) throws(PostgresError) -> Int {
        let rowStart = rows.byteCount
        try MessageRows.append(message, from: record, to: &rows)
        let corp = place(of: message.corpID, events)
        let eventStart = self.events.count
        events.append(message, from: record, of: corps[corp], to: &self.events)
        let idStart = messageIDs.count
        unsafe message.messageID.withBytes {
            unsafe messageIDs.append(contentsOf: $0.assumingMemoryBound(to: UInt8.self))
        }
        let mediaStart = media.count
        media += message.media
        let fact = ArchiveFact(message)
        if let fact { facts.append(fact) }
        messages.append(
            PlannedMessage(
                message, record: record, corp: corp, messageID: idStart..<messageIDs.count,
                conversation: place(of: message.conversation.id, message.corpID), row: rowStart..<rows.byteCount,
                events: eventStart..<self.events.count, fact: fact == nil ? nil : facts.count - 1,
                media: mediaStart..<media.count))
        return messages.count - 1
    }

    /// Takes over a message of another sheet.
    /// - Returns: the message as it is on this one.
    func take(_ other: PlannedMessage, of sheet: MessageSheet) -> PlannedMessage {
        var message = other
        let rowStart = rows.byteCount
        rows.append(rowAt: other.row, of: sheet.rows)
        message.row = rowStart..<rows.byteCount
        let eventStart = events.count
        for index in other.events { events.append(sheet.events[index]) }
        message.events = eventStart..<events.count
        let idStart = messageIDs.count
        messageIDs += sheet.messageIDs[other.messageID]
        message.messageID = idStart..<messageIDs.count
        let mediaStart = media.count
        media += sheet.media[other.media]
        message.media = mediaStart..<media.count
        if let fact = other.fact {
            message.fact = facts.count
            facts.append(sheet.facts[fact])
        }
        let conversation = sheet.conversation(of: other)
        let corp = sheet.corps[other.corp]
        message.corp = corps.firstIndex { $0.id == corp.id } ?? corps.count
        if message.corp == corps.count { corps.append(corp) }
        message.conversation = place(conversation.fingerprint) {
            $0 == conversation
        } otherwise: {
            conversation
        }
        messages.append(message)
        return message
    }

    private func place(of corpID: String, _ events: borrowing EventFactory) -> Int {
        if let last = corps.last, last.id == corpID { return corps.count - 1 }
        if let known = corps.firstIndex(where: { $0.id == corpID }) { return known }
        corps.append(events.corp(corpID, in: &self.events))
        return corps.count - 1
    }

    private func place(of conversation: JSONText, _ corpID: String) -> Int {
        let fingerprint = conversation.fingerprint
        return place(fingerprint) {
            conversation == $0.id && $0.corpID == corpID
        } otherwise: {
            ConversationKey(corpID: corpID, id: conversation.bytes, fingerprint: fingerprint)
        }
    }

    /// Where a conversation is, or is added. Those with the same fingerprint stand under the next free numbers.
    @inline(__always)
    private func place(
        _ fingerprint: UInt64, where isIt: (ConversationKey) -> Bool, otherwise make: () -> ConversationKey
    ) -> Int {
        var bucket = fingerprint
        while let place = conversationPlaces[bucket] {
            if isIt(conversations[place]) { return place }
            bucket &+= 1
        }
        conversationPlaces[bucket] = conversations.count
        conversations.append(make())
        return conversations.count - 1
    }

    // MARK: Reading

    func corpID(of message: PlannedMessage) -> String { corps[message.corp].id }

    func messageID(of message: PlannedMessage) -> String {
        String(decoding: messageIDs[message.messageID], as: UTF8.self)
    }

    func conversation(of message: PlannedMessage) -> ConversationKey { conversations[message.conversation] }

    /// The record's bytes as they came: a row ends with them.
    func raw(of message: PlannedMessage) -> [UInt8] {
        rows.bytes(in: message.row.upperBound - message.rawCount..<message.row.upperBound)
    }

    /// The message's own event, as JSON.
    func event(of message: PlannedMessage) -> [UInt8] { events.records[message.events.lowerBound].value ?? [] }

    /// Whether both are the same message of the same corp, whatever they say.
    func isSame(_ left: PlannedMessage, _ right: PlannedMessage) -> Bool {
        left.fingerprint == right.fingerprint && messageIDs[left.messageID] == messageIDs[right.messageID]
            && corps[left.corp].id == corps[right.corp].id
    }

    /// The rows of some messages, for a table with the same columns.
    func rows(of messages: [PlannedMessage], for table: String = "archive.messages") -> PostgresCopyBuffer {
        if messages.count == self.messages.count, table == rows.table { return rows }
        var selected = MessageRows.buffer(table: table, bytes: messages.reduce(64) { $0 + $1.row.count })
        for message in messages { selected.append(rowAt: message.row, of: rows) }
        return selected
    }

    /// What some messages cause, in their order.
    func events(of messages: [PlannedMessage]) -> DerivedRecords {
        messages.count == self.messages.count ? events : events.selecting(messages.flatMap(\.events))
    }
}

/// A conversation's primary key, as memory of its own.
struct ConversationKey: Hashable, Sendable {
    let corpID: String
    let id: [UInt8]
    let fingerprint: UInt64

    init(corpID: String, id: [UInt8], fingerprint: UInt64) {
        self.corpID = corpID
        self.id = id
        self.fingerprint = fingerprint
    }

    /// The id as text.
    var name: String { String(decoding: id, as: UTF8.self) }

    static func == (left: ConversationKey, right: ConversationKey) -> Bool {
        left.fingerprint == right.fingerprint && left.id == right.id && left.corpID == right.corpID
    }

    func hash(into hasher: inout Hasher) { hasher.combine(fingerprint) }
}
