import Contracts
import CoreMetrics
import Metrics

/// The scorer's own metrics. Labels have few, fixed values.
enum TagScorerMetrics {
    /// Counter, events. What came, by outcome: `new`, `repeated`, `conflicting`.
    static func count(events: Int, new: Int, conflicts: Int) {
        for (outcome, count) in [("new", new), ("conflicting", conflicts), ("repeated", events - new - conflicts)]
        where count > 0 {
            Counter(label: "tag_events_total", dimensions: [("outcome", outcome)]).increment(by: count)
        }
    }

    /// Counter, changes. Tags given and taken, by `change`.
    static func changed(_ change: TagChange.Change) {
        Counter(label: "tag_changes_total", dimensions: [("change", change.rawValue)]).increment()
    }

    /// Counter, customers. Looked at again because the clock may have changed their tags.
    static let timers = Counter(label: "tag_timers_total")
}
