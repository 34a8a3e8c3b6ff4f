import Contracts

/// What a customer did, by type and in the order of time. How the events came, and how often, leaves no trace.
package struct CustomerHistory: Sendable {
    private let byType: [String: [CountedEvent]]

    package init(_ events: some Sequence<CountedEvent>) {
        byType = Dictionary(grouping: Set(events), by: \.type).mapValues { events in
            events.sorted {
                // Of events at one moment some order, but always the same.
                ($0.occurredAt, $0.source, $0.eventID) < ($1.occurredAt, $1.source, $1.eventID)
            }
        }
    }

    func events(of types: [String]) -> [CountedEvent] {
        if types.count == 1 { return byType[types[0], default: []] }
        return types.flatMap { byType[$0, default: []] }.sorted { $0.occurredAt < $1.occurredAt }
    }

    /// The events that a condition measures, later ones too.
    func events(for condition: TagRulesConfiguration.Condition) -> [CountedEvent] {
        let all = events(of: condition.types)
        guard !condition.sources.isEmpty || condition.side != nil || !condition.rules.isEmpty else { return all }
        return all.filter { event in
            (condition.sources.isEmpty || condition.sources.contains(event.source))
                && (condition.side == nil || condition.side == event.side)
                && (condition.rules.isEmpty || event.ruleID.map(condition.rules.contains) ?? false)
        }
    }
}
