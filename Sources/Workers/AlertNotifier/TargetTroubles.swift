package import Alerting
import Synchronization

/// What is wrong with each target of a lane now, so that a trouble that lasts is said once and not with every attempt.
package final class TargetTroubles: Sendable {
    private let known = Mutex<[DeliveryTarget: String]>([:])

    package init() {}

    /// Notes what an attempt met. `true` when it is news.
    package func meets(_ trouble: String, at target: DeliveryTarget) -> Bool {
        known.withLock { $0.updateValue(trouble, forKey: target) != trouble }
    }

    /// Notes a success. `true` when there was a trouble before.
    package func ends(at target: DeliveryTarget) -> Bool {
        known.withLock { $0.removeValue(forKey: target) != nil }
    }
}
