import Alerting
import Contracts

/// An alert with what becomes of it.
package struct StoredAlert: Sendable {
    var alert: Alert
    /// The record's value as it came.
    var event: [UInt8]
    var deliveries: [PlannedDelivery]

    /// Its rule names nobody to tell.
    var isUndeliverable: Bool { deliveries.isEmpty }

    /// The lanes that have something to send.
    func lanes(of laneCount: Int32) -> [Int32] {
        deliveries.map { $0.target.lane(of: laneCount) }
    }
}
