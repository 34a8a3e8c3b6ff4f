import Contracts
import Foundation
import Records

/// What other workers are told of an alert's life.
struct LifeEvents: Sendable {
    private let states: String
    private let customerEvents: String

    init(namespace: Namespace) {
        states = namespace.topic(Topics.alertStates)
        customerEvents = namespace.topic(Topics.customerEvents)
    }

    /// The change itself and, where the alert is about one customer, the same as an event of theirs.
    func records(
        _ entry: LifeStore.Entry, as type: CustomerEventType, by actor: String?, at: Int64
    ) throws -> [OutgoingRecord] {
        let change = entry.changed(by: actor, at: at)
        var records = [
            try record(
                change, to: states, key: change.conversationID, type: AlertStateChange.eventType, corpID: entry.corpID)
        ]
        if let customerID = entry.customerID {
            let event = CustomerEvent(
                corpID: entry.corpID, customerID: customerID, source: CustomerEvent.alertSource, type: type.rawValue,
                eventID: "\(entry.alertID):\(change.revision)", occurredAt: at, side: entry.side,
                employeeID: entry.employeeID, conversationID: entry.conversationID, alertID: entry.alertID,
                ruleID: entry.ruleID, severity: entry.severity)
            records.append(
                try record(
                    event, to: customerEvents, key: customerID, type: CustomerEvent.eventType, corpID: entry.corpID))
        }
        return records
    }

    private func record(
        _ value: some Encodable, to topic: String, key: String, type: String, corpID: String
    ) throws -> OutgoingRecord {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return OutgoingRecord(
            topic: topic, key: Array(key.utf8), value: Array(try encoder.encode(value)),
            headers: [Header(HeaderNames.eventType, text: type), Header(HeaderNames.corpID, text: corpID)])
    }
}
