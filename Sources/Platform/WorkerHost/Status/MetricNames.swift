/// The metrics of this module.
package enum MetricNames {
    /// Counter; label `feed`: configurations put in force.
    static let feedAdopted = "feed_adopted_total"
    /// Counter; label `feed`: configurations refused because they were invalid.
    static let feedRefused = "feed_refused_total"

    /// What each means, for the metrics page.
    package static let help: [String: String] = [
        feedAdopted: "Configurations put in force, by feed.",
        feedRefused: "Configurations refused because they were invalid, by feed.",
    ]
}
