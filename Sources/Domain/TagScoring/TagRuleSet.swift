package import Contracts

/// The tag rules of a corp, ready to score customers.
package struct TagRuleSet: Sendable {
    package let corpID: String
    package let version: String
    /// Those that are enabled, in the order of the set.
    package let rules: [TagRulesConfiguration.Rule]
    /// Types of which every event inside the windows is asked for.
    package let windowedTypes: Set<String>
    /// Types of which the last event is asked for, however long ago.
    package let silenceTypes: Set<String>
    /// Types of which every event is asked for, however long ago.
    package let openTypes: Set<String>
    /// Events that happened longer ago can matter only if their type is one of the last two; milliseconds.
    package let horizon: Int64

    /// So much more than the longest window, for refunds that bear a time shortly before their order's.
    private static let slack: Int64 = 7 * 86_400_000

    /// - Throws: ``InvalidTagRules``.
    package init(_ configuration: TagRulesConfiguration, version: String) throws {
        let faults = configuration.faults
        guard faults.isEmpty else { throw InvalidTagRules(faults: faults) }
        corpID = configuration.corpID
        self.version = version
        rules = configuration.tags.filter(\.enabled)
        let conditions = rules.flatMap(\.all)
        let windowed = conditions.filter { $0.measure == .count || $0.measure == .sum }
        windowedTypes = Set(windowed.flatMap { $0.types + $0.since + $0.minus + $0.void })
        silenceTypes = Set(conditions.filter { $0.measure == .silence }.flatMap(\.types))
        openTypes = Set(conditions.filter { $0.measure == .open }.flatMap { $0.types + $0.closedBy })
        horizon = Self.slack + (windowed.map(\.reach).max() ?? 0)
    }

    /// How each rule stands. Pure.
    func standings(in history: CustomerHistory, at now: Int64) -> [[Standing]] {
        rules.map { rule in rule.all.map { $0.standing(in: history, at: now) } }
    }

    /// The tags a customer has at a moment, by index of the rule: of a group only the first that holds. Pure.
    package func holding(in history: CustomerHistory, at now: Int64) -> Set<Int> {
        holding(standings(in: history, at: now))
    }

    func holding(_ standings: [[Standing]]) -> Set<Int> {
        var taken: Set<String> = []
        var holding: Set<Int> = []
        for (index, rule) in rules.enumerated() where standings[index].allSatisfy(\.holds) {
            if let group = rule.group, !taken.insert(group).inserted { continue }
            holding.insert(index)
        }
        return holding
    }

    /// The rules that decide whether the customer has this tag.
    private func deciding(_ index: Int) -> [TagRulesConfiguration.Rule] {
        guard let group = rules[index].group else { return [rules[index]] }
        return rules[...index].filter { $0.group == group }
    }

    private func holds(_ index: Int, in history: CustomerHistory, at now: Int64) -> Bool {
        let deciding = deciding(index)
        func stands(_ rule: TagRulesConfiguration.Rule) -> Bool {
            rule.all.allSatisfy { $0.standing(in: history, at: now).holds }
        }
        return deciding.last.map(stands) ?? false && !deciding.dropLast().contains(where: stands)
    }

    /// Since when the tag stands as it does now, milliseconds UTC. Pure.
    func since(_ index: Int, in history: CustomerHistory, at now: Int64) -> Int64 {
        let moments = Set(deciding(index).flatMap(\.all).flatMap { $0.moments(in: history, until: now) })
        let present = holds(index, in: history, at: now)
        var since = now
        for moment in moments.sorted(by: >) {
            guard holds(index, in: history, at: moment) == present else { break }
            since = moment
        }
        return since
    }
}

extension TagRulesConfiguration.Condition {
    /// How long ago something may have happened and still be inside the window, milliseconds.
    fileprivate var reach: Int64 {
        switch within {
        case .rolling(let length): length
        case .calendar(let period): BusinessCalendar.maximumLength(of: period) * Int64(grace + 1)
        case nil: 0
        }
    }

    /// Every moment up to `now` at which it may have begun or ceased to hold.
    fileprivate func moments(in history: CustomerHistory, until now: Int64) -> [Int64] {
        let events = history.events(for: self) + history.events(of: since + minus + void + closedBy)
        return events.flatMap { event -> [Int64] in
            switch within {
            case .rolling(let length): [event.occurredAt, event.occurredAt + length]
            case .calendar(let period):
                {
                    let number = BusinessCalendar.number(of: period, at: event.occurredAt)
                    return [event.occurredAt]
                        + [0, 1, Int64(grace) + 1].map { BusinessCalendar.start(of: period, number: number + $0) }
                }()
            case nil: [event.occurredAt]
            }
        }.filter { $0 <= now }
    }
}
