import Alerting
import Contracts

/// An alert with what becomes of it.
package struct StoredAlert: Sendable {
    var alert: Alert
    /// The record's value as it came.
    var event: [UInt8]
    var deliveries: [PlannedDelivery]

    var isUndeliverable: Bool { !deliveries.contains(where: \.isKnown) }

    /// The lanes that have something to send.
    func lanes(of laneCount: Int32) -> [Int32] {
        deliveries.filter(\.isKnown).map { $0.target.lane(of: laneCount) }
    }
}
