package import Records
package import WorkerRuntime

/// A door worker: stores messages under unique ids, counts ticks without any, publishes both ways.
///
/// Values: `m:<id>` a message (unique by id, derived record `d:<id>`; every third id also raises the decision `a:<id>`),
/// `t:<id>` a tick (journal only), `p:<id>` poison for the store, `q:<id>` poison for `decide`, anything else is
/// undecodable.
package struct ToyIngest: BatchHandler {
    package typealias Transaction = SimulatedTransaction

    package struct Event: Sendable {
        var kind: Character
        var id: String
    }

    let derivedTopic: String
    let decisionTopic: String
    let clock: any RuntimeClock

    package init(derivedTopic: String, decisionTopic: String, clock: any RuntimeClock) {
        self.derivedTopic = derivedTopic
        self.decisionTopic = decisionTopic
        self.clock = clock
    }

    package func decode(_ record: Record) throws(Undecodable) -> Event? {
        let text = String(decoding: record.value ?? [], as: UTF8.self)
        let parts = text.split(separator: ":")
        guard parts.count == 2, let kind = parts[0].first, "mtpq".contains(kind) else {
            throw Undecodable(reason: "malformed", detail: "not a toy")
        }
        return Event(kind: kind, id: String(parts[1]))
    }

    package func decide(_ batch: Batch<Event>) throws -> [Batch<Event>.Item] {
        if batch.items.contains(where: { $0.event.kind == "q" }) {
            throw StoreFailure("undecidable", .deadLetter)
        }
        return batch.items
    }

    package func apply(
        _ items: [Batch<Event>.Item], in transaction: SimulatedTransaction, context: ApplyContext
    ) async throws -> Effects {
        let messages = items.filter { $0.event.kind == "m" }.map(\.event.id)
        let isRepeated = Set(messages).count != messages.count
        var new = try await transaction.insert(
            ids: messages, toleratingConflicts: context.mayConflict || isRepeated)
        if items.contains(where: { $0.event.kind == "p" }) { throw StoreFailure("poison", .deadLetter) }
        var effects = Effects.none
        var journal: [String] = []
        for item in items {
            let id = item.event.id
            if item.event.kind == "t" { journal.append("t:\(id)") }
            guard item.event.kind == "m", new.remove(id) != nil else { continue }
            journal.append("m:\(id)")
            let key = item.record.key
            effects.derived.append(
                DerivedRecord(
                    origin: item.record.topicPartition, originOffset: item.record.offset,
                    record: OutgoingRecord(topic: derivedTopic, key: key, value: Array("d:\(id)".utf8))))
            if (Int(id) ?? 0).isMultiple(of: 3) {
                effects.outbox.append(
                    OutgoingRecord(topic: decisionTopic, key: key, value: Array("a:\(id)".utf8)))
            }
        }
        try await transaction.append(toJournal: journal)
        return effects
    }

    /// A timer per lane: counts, and publishes each count.
    package func run(while lane: LaneSession<SimulatedTransaction>) async throws {
        while true {
            try await clock.sleep(for: .seconds(4))
            try await lane.transaction { transaction in
                let count = try await transaction.increment(counter: lane.lane)
                guard count <= 5 else { return .none }
                try await transaction.append(toJournal: ["s:\(lane.lane).\(count)"])
                return Effects(outbox: [
                    OutgoingRecord(
                        topic: decisionTopic, key: Array("timer\(lane.lane)".utf8),
                        value: Array("s:\(lane.lane).\(count)".utf8))
                ])
            }
        }
    }
}

/// A worker behind the first: derived records are unique by id, decisions rely on their numbers alone.
package struct ToyDownstream: BatchHandler {
    package typealias Transaction = SimulatedTransaction

    package init() {}

    package func decode(_ record: Record) throws(Undecodable) -> String? {
        String(decoding: record.value ?? [], as: UTF8.self)
    }

    package func decide(_ batch: Batch<String>) throws -> [String] { batch.items.map(\.event) }

    package func apply(
        _ events: [String], in transaction: SimulatedTransaction, context: ApplyContext
    ) async throws -> Effects {
        let derived = events.filter { $0.hasPrefix("d:") }
        var new = try await transaction.insert(ids: derived, toleratingConflicts: true)
        let journal = events.filter { event in
            event.hasPrefix("d:") ? new.remove(event) != nil : true
        }
        try await transaction.append(toJournal: journal)
        return .none
    }
}
