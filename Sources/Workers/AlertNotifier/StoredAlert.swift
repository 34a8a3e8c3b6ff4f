import Alerting
import Contracts
import Foundation
import Postgres

/// An alert with what becomes of it.
package struct StoredAlert: Sendable {
    var alert: Alert
    /// The record's value as it came.
    var event: [UInt8]
    var deliveries: [PlannedDelivery]
    /// The alert it joins; then nobody is told of it by itself.
    var joins: String? = nil
    /// The customer hit rules too often: it is urgent.
    var isRaised = false

    /// The severity it has here.
    var severity: Severity { isRaised ? .urgent : alert.rule.severity }

    /// As it is told.
    var told: Alert {
        var told = alert
        told.rule.severity = severity
        return told
    }

    /// Its rule names nobody to tell.
    var isUndeliverable: Bool { deliveries.isEmpty }

    /// What is to be sent.
    var ownDeliveries: [PlannedDelivery] { joins == nil ? deliveries : [] }

    /// The lanes that have something to send.
    func lanes(of laneCount: Int32) -> [Int32] {
        ownDeliveries.map { $0.target.lane(of: laneCount) }
    }
}

extension Alert {
    /// Reads the columns `event` and `severity`, which may be higher than the event's.
    init(stored row: PostgresRow) throws {
        self = try JSONDecoder().decode(Alert.self, from: Data(try row.decode([UInt8].self, at: 0)))
        rule.severity = Severity(rawValue: Int(try row.decode(Int16.self, at: 1))) ?? rule.severity
    }
}
