package import Contracts
import Foundation

/// The tags of a customer, straight from the words of the rules: slow, simple, and sharing nothing with
/// ``TagRuleSet``'s way, so that one can be held against the other.
package struct TagRecount {
    private let calendar: Calendar

    package init() {
        var calendar = Calendar(identifier: .iso8601)
        // A machine without zone data is served by the fixed offset: China has no summer time.
        calendar.timeZone = TimeZone(identifier: "Asia/Shanghai") ?? TimeZone(secondsFromGMT: 8 * 3600) ?? .gmt
        self.calendar = calendar
    }

    /// Ids of the tags that hold at `now`, of all the events that ever came (repetitions too).
    package func tags(_ events: [CountedEvent], _ configuration: TagRulesConfiguration, now: Int64) -> Set<String> {
        var distinct: [CountedEvent] = []
        for event in events where event.occurredAt <= now && !distinct.contains(event) { distinct.append(event) }
        var tags: Set<String> = []
        for (index, rule) in configuration.tags.enumerated() where rule.enabled {
            let isTaken = configuration.tags[..<index].contains { $0.group == rule.group && tags.contains($0.id) }
            if rule.group != nil, isTaken { continue }
            if rule.all.allSatisfy({ holds($0, distinct, now) }) { tags.insert(rule.id) }
        }
        return tags
    }

    private func holds(_ condition: TagRulesConfiguration.Condition, _ events: [CountedEvent], _ now: Int64) -> Bool {
        let matching = events.filter { event in
            guard condition.types.contains(event.type) else { return false }
            if !condition.sources.isEmpty, !condition.sources.contains(event.source) { return false }
            if let side = condition.side, side != event.side { return false }
            return condition.rules.isEmpty || event.ruleID.map { condition.rules.contains($0) } == true
        }
        switch condition.measure {
        case .silence:
            guard case .rolling(let length) = condition.within else { return false }
            return !matching.isEmpty && matching.allSatisfy { $0.occurredAt + length <= now }
        case .open:
            let open = Set(matching.compactMap(\.alertID)).filter { alert in
                let times = matching.filter { $0.alertID == alert }.map(\.occurredAt)
                return !events.contains { closing in
                    condition.closedBy.contains(closing.type) && closing.alertID == alert
                        && times.allSatisfy { $0 <= closing.occurredAt }
                }
            }
            return within(Int64(open.count), condition)
        case .count:
            let resets = events.filter { condition.since.contains($0.type) }.map(\.occurredAt)
            let counted = matching.filter { event in resets.allSatisfy { event.occurredAt > $0 } }
            return inSomeWindow(condition, now) { isInside in
                let inside = counted.filter { isInside($0.occurredAt) }
                guard condition.distinctSKU else { return Int64(inside.count) }
                let named = Set(inside.compactMap(\.sku)).count
                return Int64(named + inside.filter { $0.sku == nil }.count)
            }
        case .sum:
            let isVoid = { (event: CountedEvent) in
                event.orderID != nil
                    && events.contains { condition.void.contains($0.type) && $0.orderID == event.orderID }
            }
            return inSomeWindow(condition, now) { isInside in
                var sum: Int64 = 0
                for event in matching where isInside(event.occurredAt) && !isVoid(event) { sum += event.amount ?? 0 }
                for refund in events where condition.minus.contains(refund.type) && !isVoid(refund) {
                    let paid = matching.filter { $0.orderID == refund.orderID && refund.orderID != nil }
                    if let first = paid.map(\.occurredAt).min(), isInside(first) { sum -= refund.amount ?? 0 }
                }
                return sum
            }
        }
    }

    private func within(_ value: Int64, _ condition: TagRulesConfiguration.Condition) -> Bool {
        if let bound = condition.atLeast, value < bound { return false }
        if let bound = condition.moreThan, value <= bound { return false }
        if let bound = condition.atMost, value > bound { return false }
        if let bound = condition.lessThan, value >= bound { return false }
        if condition.measure == .open, condition.atLeast == nil, condition.moreThan == nil { return value >= 1 }
        return true
    }

    private func inSomeWindow(
        _ condition: TagRulesConfiguration.Condition, _ now: Int64, _ value: ((Int64) -> Bool) -> Int64
    ) -> Bool {
        switch condition.within {
        case .rolling(let length): return within(value { $0 > now - length }, condition)
        case .calendar(let period):
            let component: Calendar.Component =
                switch period {
                case .day: .day
                case .week: .weekOfYear
                case .month: .month
                }
            let today = Date(timeIntervalSince1970: Double(now) / 1000)
            return (0...condition.grace).contains { back in
                guard let day = calendar.date(byAdding: component, value: -back, to: today),
                    let interval = calendar.dateInterval(of: component, for: day)
                else { return false }
                let start = Int64((interval.start.timeIntervalSince1970 * 1000).rounded())
                let end = Int64((interval.end.timeIntervalSince1970 * 1000).rounded())
                return within(value { $0 >= start && $0 < end }, condition)
            }
        case nil: return false
        }
    }
}
