package import Contracts

/// Where a tag stands that a customer has or once had.
package struct TagState: Sendable, Equatable {
    package var name: String
    package var held: Bool
    /// Changes so far.
    package var revision: Int64

    package init(name: String, held: Bool, revision: Int64) {
        self.name = name
        self.held = held
        self.revision = revision
    }
}

/// What follows for one customer from what it did.
package struct TagDecision: Sendable, Equatable {
    package struct Change: Sendable, Equatable {
        package var tag: String
        package var name: String
        package var change: TagChange.Change
        package var revision: Int64
        /// When the rule became true or stopped being so, milliseconds UTC.
        package var at: Int64
        package var reason: String
    }

    /// In the order of the rules; tags whose rule is gone come last. In a group the tag that goes comes before the one
    /// that takes its place.
    package var changes: [Change] = []
    /// When to look again although nothing more came, milliseconds UTC; `nil` for never.
    package var nextTimer: Int64?
}

extension TagRuleSet {
    /// Compares what the customer has with what follows from its events. Pure: the tags after it are a function of the
    /// events and the moment, whatever was decided before.
    ///
    /// - Parameter states: by id of the tag.
    package func decide(_ states: [String: TagState], _ history: CustomerHistory, now: Int64) -> TagDecision {
        let standings = standings(in: history, at: now)
        let holding = holding(standings)
        var decision = TagDecision(nextTimer: standings.joined().compactMap(\.changesAt).min())
        var added: [TagDecision.Change] = []
        for (index, rule) in rules.enumerated() {
            let state = states[rule.id]
            let holds = holding.contains(index)
            guard holds != state?.held ?? false else { continue }
            // Judged at the moment of the change, so that the reason does not depend on when it was seen.
            let at = since(index, in: history, at: now)
            let then = self.standings(in: history, at: at)
            let change = TagDecision.Change(
                tag: rule.id, name: rule.name, change: holds ? .added : .removed, revision: (state?.revision ?? 0) + 1,
                at: at, reason: reason(index, then, self.holding(then), at))
            if holds { added.append(change) } else { decision.changes.append(change) }
        }
        let known = Set(rules.map(\.id))
        for (tag, state) in states.sorted(by: { $0.key < $1.key }) where state.held && !known.contains(tag) {
            decision.changes.append(
                TagDecision.Change(
                    tag: tag, name: state.name, change: .removed, revision: state.revision + 1, at: now,
                    reason: "the rule is gone or disabled"))
        }
        decision.changes += added
        return decision
    }

    /// How every rule stands now, by id, in words.
    package func explain(_ history: CustomerHistory, now: Int64) -> [(tag: String, holds: Bool, reason: String)] {
        let standings = standings(in: history, at: now)
        let holding = holding(standings)
        return rules.indices.map { index in
            (rules[index].id, holding.contains(index), reason(index, standings, holding, now))
        }
    }

    /// What made it hold, or what is missing.
    private func reason(_ index: Int, _ standings: [[Standing]], _ holding: Set<Int>, _ now: Int64) -> String {
        let rule = rules[index]
        let parts = zip(rule.all, standings[index])
        let all = parts.allSatisfy(\.1.holds)
        if all, !holding.contains(index), let group = rule.group,
            let winner = holding.first(where: { rules[$0].group == group })
        {
            return "\(rules[winner].id) takes the place in group \(group)"
        }
        return parts.filter { all || !$0.1.holds }.map { $0.text($1, at: now) }.joined(separator: "; ")
    }
}
