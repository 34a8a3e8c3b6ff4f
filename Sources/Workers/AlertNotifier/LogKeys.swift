import Alerting
import Contracts
import Logging

/// Metadata keys of the notifier. Identifiers only.
enum LogKeys {
    static func alert(_ alert: Alert) -> Logger.Metadata {
        ["corp.id": "\(alert.corpID)", "alert.id": "\(alert.alertID)", "rule.id": "\(alert.rule.id)"]
    }

    static func target(_ target: DeliveryTarget) -> Logger.Metadata {
        ["corp.id": "\(target.corpID)", "channel": "\(target.channel.rawValue)", "target.id": "\(target.id)"]
    }
}
