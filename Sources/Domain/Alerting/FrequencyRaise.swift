package import Contracts

/// Which alerts are urgent because of how often their customer hits rules. Pure.
///
/// A customer whose words hit the customer-side rules several times in a day is about to do something. From the hit that
/// completes the number on, each is 紧急. Times are those of the messages, and only their distances count, so that a late
/// hit counts like one in time.
package struct FrequencyRaise: Sendable {
    package struct Customer: Sendable, Hashable {
        package var corpID: String
        package var customerID: String

        package init(corpID: String, customerID: String) {
            self.corpID = corpID
            self.customerID = customerID
        }

        /// - Returns: `nil` for an alert that is not about a customer's own words.
        package init?(_ alert: Alert) {
            guard alert.message.sender.kind == .customer, let id = alert.customerID else { return nil }
            self.init(corpID: alert.corpID, customerID: id)
        }
    }

    private let hits: Int
    private let window: Int64
    /// Of each customer, ascending.
    private var times: [Customer: [Int64]]

    /// - Parameters:
    ///   - hits: that many make them urgent, the last one included; zero or less: none ever.
    ///   - earlier: when the customers of all alerts to come hit before; milliseconds UTC.
    package init(hits: Int, window: Duration, earlier: [Customer: [Int64]] = [:]) {
        self.hits = hits
        self.window = max(Int64(window / .milliseconds(1)), 0)
        times = earlier.mapValues { $0.sorted() }
    }

    /// Counts the next alert.
    /// - Returns: whether its severity is raised.
    package mutating func take(_ alert: Alert) -> Bool {
        guard hits > 0, let customer = Customer(alert) else { return false }
        var times = times[customer] ?? []
        let place = times.firstIndex { $0 > alert.saidAt } ?? times.endIndex
        times.insert(alert.saidAt, at: place)
        self.times[customer] = times
        guard alert.rule.severity < .urgent, times.count >= hits else { return false }
        // Every run of so many hits that this one is part of.
        return (max(place - hits + 1, 0)...place).contains { first in
            let last = first + hits - 1
            // Whatever the numbers: a distance that does not fit comes out negative.
            return last < times.count && (0...window).contains(times[last] &- times[first])
        }
    }
}
