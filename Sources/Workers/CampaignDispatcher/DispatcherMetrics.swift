import Campaigns
import Metrics

/// The dispatcher's own metrics. Labels have few, fixed values.
enum DispatcherMetrics {
    /// Counter, touches. What touches became, by state.
    static func touches(_ state: TouchState, count: Int) {
        Counter(label: "campaign_touches_total", dimensions: [("state", state.rawValue)]).increment(by: Int64(count))
    }

    /// Counter, touches. Put off or refused by a guard, by what it did and its reason.
    static func guarded(_ verdict: String, _ reason: GuardRails.Reason) {
        Counter(
            label: "campaign_guards_total", dimensions: [("verdict", verdict), ("reason", reason.rawValue)]
        ).increment()
    }

    /// Counter, calls. Calls of the platform, by what they ask and how they ended.
    static func call(_ name: String, _ outcome: String) {
        Counter(label: "campaign_calls_total", dimensions: [("call", name), ("outcome", outcome)]).increment()
    }

    /// Counter, looks. Senders left alone because no access token was to be had.
    static let withoutToken = Counter(label: "campaign_missing_tokens_total")
}
