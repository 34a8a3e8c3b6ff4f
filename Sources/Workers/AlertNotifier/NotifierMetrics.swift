import Alerting
import Contracts
import Metrics

/// The notifier's own metrics. Labels have few, fixed values.
enum NotifierMetrics {
    /// Counter, attempts. How attempts to deliver ended, by channel and outcome.
    static func attempts(_ channel: Channel, _ outcome: DeliveryStateMachine.AttemptOutcome, count: Int) {
        Counter(
            label: "alert_attempts_total", dimensions: [("channel", channel.rawValue), ("outcome", outcome.rawValue)]
        ).increment(by: count)
    }

    /// Counter, calls. HTTP calls made, by channel; a merged message is one call.
    static func call(_ channel: Channel) {
        Counter(label: "alert_calls_total", dimensions: [("channel", channel.rawValue)]).increment()
    }

    /// Counter, attempts. Secrets that the configuration refers to and that are not there.
    static func missingSecret(_ channel: Channel) {
        Counter(label: "alert_missing_secrets_total", dimensions: [("channel", channel.rawValue)]).increment()
    }

    /// Counter, alerts. Alerts for which no target could be found.
    static let undeliverable = Counter(label: "alert_undeliverable_total")

    /// Counter, alerts. Alerts that joined an earlier one.
    static let joined = Counter(label: "alert_joined_total")

    /// Counter, deliveries. Targets named by a rule that the corps configuration does not know.
    static let unknownTargets = Counter(label: "alert_unknown_targets_total")

    /// Counter, alerts. Alerts whose severity was raised because their customer hit rules too often.
    static let raised = Counter(label: "alert_raised_total")

    /// Counter, actions. What people did about alerts, by kind and by what was decided.
    static func acted(_ kind: AlertAction.Kind, _ outcome: AlertLife.Outcome) {
        Counter(
            label: "alert_actions_total", dimensions: [("kind", kind.rawValue), ("outcome", outcome.rawValue)]
        ).increment()
    }

    /// Counter, steps. Alerts that were left alone and of which the next person hears, by severity.
    static func escalated(_ severity: Severity) {
        Counter(label: "alert_escalations_total", dimensions: [("severity", String(severity.rawValue))]).increment()
    }

    /// Gauge, alerts. Alerts that are not resolved, by severity; the same on every copy.
    static func open(_ severity: Severity, _ count: Int64) {
        Gauge(label: "alert_open", dimensions: [("severity", String(severity.rawValue))]).record(count)
    }

    /// Timer, seconds. From the monitor's decision to the confirmed delivery.
    static let latency = Timer(label: "alert_delivery_seconds")

    /// Counter, calls. Call-backs of WeCom, by result.
    static func callback(_ result: String) {
        Counter(label: "alert_callbacks_total", dimensions: [("result", result)]).increment()
    }

    /// Counter, requests. Views of the alert page, by result.
    static func pageView(_ result: String) {
        Counter(label: "alert_page_views_total", dimensions: [("result", result)]).increment()
    }
}
