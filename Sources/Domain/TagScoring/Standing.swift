import Contracts

/// How a condition stands at a moment.
struct Standing: Sendable, Equatable {
    var holds: Bool
    /// Events, 分, or open alerts; of a silence the moment of the last event (0 for none).
    var value: Int64
    /// When it may stand otherwise although nothing more comes, milliseconds UTC; `nil` for never.
    var changesAt: Int64?
}

extension TagRulesConfiguration.Condition {
    func holds(for value: Int64) -> Bool { value >= lower && value <= upper }

    /// Pure: depends on the events and the moment alone. What happens later than the moment counts for nothing yet.
    func standing(in history: CustomerHistory, at now: Int64) -> Standing {
        var standing =
            switch (measure, within) {
            case (.count, .rolling(let length)): rollingCount(history, now, length)
            case (.count, .calendar(let period)):
                calendar(countedTimes(history, now, after: .min, in: period).map { ($0, 1) }, period, now)
            case (.sum, .rolling(let length)): rollingSum(contributions(history, now), now, length)
            case (.sum, .calendar(let period)): calendar(contributions(history, now), period, now)
            case (.silence, .rolling(let length)): silence(history, now, length)
            default: open(history, now)
            }
        standing.changesAt = [standing.changesAt, firstLater(history, now)].compactMap(\.self).min()
        return standing
    }

    /// The first event still to come that matters.
    private func firstLater(_ history: CustomerHistory, _ now: Int64) -> Int64? {
        let others = history.events(of: since + minus + void + closedBy)
        return [history.events(for: self), others].compactMap { events in
            events.last.map { $0.occurredAt > now } ?? false
                ? events.first { $0.occurredAt > now }?.occurredAt : nil
        }.min()
    }

    /// Times of the events that count, ascending. If SKUs must be distinct, of each SKU only the last (of each period).
    private func countedTimes(
        _ history: CustomerHistory, _ now: Int64, after: Int64, in period: TagWindow.Period? = nil
    ) -> [Int64] {
        let reset = since.isEmpty ? .min : history.events(of: since).last { $0.occurredAt <= now }?.occurredAt ?? .min
        let floor = max(after, reset)
        let counted = history.events(for: self).filter { $0.occurredAt > floor && $0.occurredAt <= now }
        guard distinctSKU else { return counted.map(\.occurredAt) }
        struct Place: Hashable {
            var sku: String
            var period: Int64
        }
        var seen: Set<Place> = []
        return counted.reversed().filter { event in
            guard let sku = event.sku else { return true }
            let number = period.map { BusinessCalendar.number(of: $0, at: event.occurredAt) } ?? 0
            return seen.insert(Place(sku: sku, period: number)).inserted
        }.reversed().map(\.occurredAt)
    }

    private func rollingCount(_ history: CustomerHistory, _ now: Int64, _ length: Int64) -> Standing {
        let times = countedTimes(history, now, after: now - length)
        let count = Int64(times.count)
        // Which of them must leave the window before the answer is another?
        var leaving: Int64?
        if holds(for: count) {
            if lower > 0 { leaving = count - lower }
        } else if count > upper, upper >= 0 {
            leaving = count - upper - 1
        }
        return Standing(
            holds: holds(for: count), value: count,
            changesAt: leaving.flatMap { $0 < count ? times[Int($0)] + length : nil })
    }

    /// Money by the time at which it counts, ascending: what was paid when it was paid, what was given back when its order
    /// was paid.
    private func contributions(_ history: CustomerHistory, _ now: Int64) -> [(Int64, Int64)] {
        let paid = history.events(for: self).filter { $0.occurredAt <= now }
        let orders = Dictionary(
            paid.compactMap { event in event.orderID.map { ($0, event.occurredAt) } }, uniquingKeysWith: min)
        let voided = Set(history.events(of: void).filter { $0.occurredAt <= now }.compactMap(\.orderID))
        func counts(_ event: CountedEvent) -> Bool { event.orderID.map { !voided.contains($0) } ?? true }
        var contributions = paid.filter(counts).map { ($0.occurredAt, $0.amount ?? 0) }
        for refund in history.events(of: minus) where refund.occurredAt <= now && counts(refund) {
            // A refund of an order nobody has heard of waits for it.
            guard let time = refund.orderID.flatMap({ orders[$0] }) else { continue }
            contributions.append((time, -(refund.amount ?? 0)))
        }
        return contributions.sorted { $0.0 < $1.0 }
    }

    private func rollingSum(_ all: [(Int64, Int64)], _ now: Int64, _ length: Int64) -> Standing {
        let inside = all.filter { $0.0 > now - length }
        let sum = inside.reduce(0) { $0 + $1.1 }
        var standing = Standing(holds: holds(for: sum), value: sum)
        var rest = sum
        for (index, contribution) in inside.enumerated() {
            rest -= contribution.1
            // Those of one moment leave together.
            let isLast = index + 1 == inside.count || inside[index + 1].0 != contribution.0
            if isLast, holds(for: rest) != standing.holds {
                standing.changesAt = contribution.0 + length
                break
            }
        }
        return standing
    }

    private func calendar(_ all: [(Int64, Int64)], _ period: TagWindow.Period, _ now: Int64) -> Standing {
        let present = BusinessCalendar.number(of: period, at: now)
        var values: [Int64: Int64] = [:]
        for (time, amount) in all { values[BusinessCalendar.number(of: period, at: time), default: 0] += amount }
        let value = values[present, default: 0]
        // With a grace a period before may still speak for it; the newest does so for longest.
        let speaking = (0...Int64(grace)).first { holds(for: values[present - $0, default: 0]) }
        var standing = Standing(
            holds: speaking != nil, value: speaking.map { values[present - $0, default: 0] } ?? value)
        if let speaking {
            if !holds(for: 0) {
                standing.changesAt = BusinessCalendar.start(of: period, number: present - speaking + Int64(grace) + 1)
            }
        } else if holds(for: 0) {
            standing.changesAt = BusinessCalendar.start(of: period, number: present + 1)
        }
        return standing
    }

    private func silence(_ history: CustomerHistory, _ now: Int64, _ length: Int64) -> Standing {
        // Somebody who has never spoken has not fallen silent.
        guard let last = history.events(for: self).last(where: { $0.occurredAt <= now })?.occurredAt else {
            return Standing(holds: false, value: 0)
        }
        let isSilent = now >= last + length
        return Standing(holds: isSilent, value: last, changesAt: isSilent ? nil : last + length)
    }

    private func open(_ history: CustomerHistory, _ now: Int64) -> Standing {
        let closed = Self.last(history.events(of: closedBy), now)
        // An alert may be opened again.
        let open = Self.last(history.events(for: self), now).filter { $0.value > closed[$0.key] ?? .min }
        return Standing(holds: holds(for: Int64(open.count)), value: Int64(open.count))
    }

    /// When each alert was last spoken of.
    private static func last(_ events: [CountedEvent], _ now: Int64) -> [String: Int64] {
        Dictionary(
            events.lazy.filter { $0.occurredAt <= now }.compactMap { event in
                event.alertID.map { ($0, event.occurredAt) }
            }, uniquingKeysWith: max)
    }
}
