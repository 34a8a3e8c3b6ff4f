import ConversationArchive
import Postgres
import WorkerRuntime

/// What a batch will write: duplicates inside the batch set apart.
package struct ArchiveDecision: Sendable {
    let sheet: MessageSheet
    /// Each message once, in the order of its record.
    var messages: [PlannedMessage] = []
    /// Came again within the batch; another version if it says something else.
    var repeated: [PlannedMessage] = []
    var switches: [PlannedSwitch] = []
    var months: Set<Month> = []
    /// The highest number a puller gave in the batch, by corp.
    var highestSequences: [String: Int64] = [:]
    /// No message without a time in its msgid: nothing to look up first.
    var isTimely = true

    init(_ batch: Batch<PlannedRecord>) {
        var numbers = HighestSequence()
        for item in batch.items {
            guard case .companySwitch(let companySwitch) = item.event else { continue }
            switches.append(companySwitch)
            numbers.take(
                companySwitch.companySwitch.sequence.flatMap { Int64(exactly: $0) },
                of: companySwitch.companySwitch.corpID)
        }
        let indices: [Int]
        (sheet, indices) = MessageSheet.gathering(batch.items.lazy.map(\.event))
        messages.reserveCapacity(indices.count)
        var seen = SeenMessages(on: sheet, expecting: indices.count)
        var month: Month?
        for index in indices {
            let planned = sheet.messages[index]
            numbers.take(planned.sequence, of: sheet.corpID(of: planned))
            guard seen.insert(index) else {
                repeated.append(planned)
                continue
            }
            if !planned.isFiledByID { isTimely = false }
            let filed = Month(milliseconds: planned.filedAt)
            if filed != month { months.insert(filed) }
            month = filed
            messages.append(planned)
        }
        highestSequences = numbers.all
    }

    /// What several lanes have decided, in their order. A message that two of them bring fails by its key, and each is
    /// then written alone.
    init(joining decisions: [ArchiveDecision]) {
        sheet = MessageSheet()
        for decision in decisions {
            for message in decision.messages { messages.append(sheet.take(message, of: decision.sheet)) }
            for message in decision.repeated { repeated.append(sheet.take(message, of: decision.sheet)) }
            switches += decision.switches
            months.formUnion(decision.months)
            highestSequences.merge(decision.highestSequences) { max($0, $1) }
            isTimely = isTimely && decision.isTimely
        }
    }
}

/// The messages of a batch, by what makes a message a message: its corp and its msgid.
private struct SeenMessages {
    private let sheet: MessageSheet
    /// Places on the sheet, by fingerprint or, where that is taken by another message, the next free number.
    private var messages: [UInt64: Int] = [:]

    init(on sheet: MessageSheet, expecting count: Int) {
        self.sheet = sheet
        messages.reserveCapacity(count)
    }

    /// - Returns: `false` if it was there.
    mutating func insert(_ index: Int) -> Bool {
        let message = sheet.messages[index]
        var bucket = message.fingerprint
        while let other = messages[bucket] {
            if sheet.isSame(message, sheet.messages[other]) { return false }
            bucket &+= 1
        }
        messages[bucket] = index
        return true
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
