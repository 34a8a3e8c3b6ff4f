import Records
import WorkerRuntime

/// A door worker: stores messages under unique ids, counts ticks without any, publishes both ways.
///
/// Values: `m:<id>` a message (unique by id, derived record `d:<id>`; refused if the rules do not accept it; those that
/// they name also raise the decision `a:<id>`), `t:<id>` a tick (journal only), `p:<id>` poison for the store, `q:<id>`
/// poison for `decide`, `x:<id>` is undecodable. What was bad is like a tick once it is repaired.
struct ToyIngest: BatchHandler {
    typealias Transaction = SimulatedTransaction

    struct Event: Sendable {
        var kind: Character
        var id: String
        var key: [UInt8]?
        var share: Held.Share
    }

    struct Decision: Sendable {
        var items: [Batch<Event>.Item]
        var version: Int
    }

    /// How often a lane's timer fires.
    static let timerEnd = 2

    let derivedTopic: String
    let decisionTopic: String
    let clock: any RuntimeClock
    let rules: Watched<Rules>
    let held: Held
    let waitsBehindDeadLetters: Bool
    let isRepaired: @Sendable () -> Bool

    var sharesTransactions: Bool { true }

    func key(of event: Event) -> [UInt8]? { event.key }

    var configurationVersion: String? { String(rules.read { $0.version }) }

    func decode(_ record: Record) throws(Undecodable) -> Event? {
        let parts = record.text.split(separator: ":")
        guard parts.count == 2, let kind = parts[0].first, kind != "x" || isRepaired() else {
            throw Undecodable(reason: "malformed", detail: "not a toy")
        }
        if kind == "m", !Rules.accepts(Int(parts[1]) ?? 0, version: rules.read({ $0.version })) {
            throw Undecodable(reason: "unknown", detail: "not accepted by the rules")
        }
        return Event(
            kind: kind, id: String(parts[1]), key: record.key, share: held.share(bytes: record.byteCount))
    }

    func decide(_ batch: Batch<Event>) throws -> Decision {
        if !isRepaired(), batch.items.contains(where: { $0.event.kind == "q" }) {
            throw StoreFailure("undecidable", .deadLetter)
        }
        return Decision(items: batch.items, version: rules.read { $0.version })
    }

    func apply(
        _ decision: Decision, in transaction: SimulatedTransaction, context: ApplyContext
    ) async throws -> Effects {
        let messages = decision.items.filter { $0.event.kind == "m" }.map(\.event.id)
        let isRepeated = Set(messages).count != messages.count
        var new = try await transaction.insert(
            ids: messages, toleratingConflicts: context.mayConflict || isRepeated)
        if !isRepaired(), decision.items.contains(where: { $0.event.kind == "p" }) {
            throw StoreFailure("poison", .deadLetter)
        }
        var effects = Effects.none
        var journal: [String] = []
        for item in decision.items {
            let id = item.event.id
            if item.event.kind != "m" { journal.append("\(item.event.kind):\(id)") }
            guard item.event.kind == "m", new.remove(id) != nil else { continue }
            journal.append("m:\(id)")
            let key = item.record.key
            effects.derived.append(
                DerivedRecord(
                    origin: item.record.topicPartition, originOffset: item.record.offset,
                    record: OutgoingRecord(topic: derivedTopic, key: key, value: Array("d:\(id)".utf8))))
            if Rules.raisesDecision(Int(id) ?? 0, version: decision.version) {
                effects.outbox.append(
                    OutgoingRecord(topic: decisionTopic, key: key, value: Array("a:\(id)".utf8)))
            }
        }
        try await transaction.append(toJournal: journal, version: decision.version)
        return effects
    }

    /// A timer per lane: counts, and publishes each count.
    func run(while lane: LaneSession<SimulatedTransaction>) async throws {
        let isOver = Watched(false)
        while !isOver.read({ $0 }) {
            try await clock.sleep(for: .milliseconds(1_000 + Int64(clock.random() % 4_000)))
            try await lane.transaction { transaction in
                let count = try await transaction.increment(counter: lane.lane)
                isOver.update { $0 = count >= Self.timerEnd }
                guard count <= Self.timerEnd else { return .none }
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
struct ToyDownstream: BatchHandler {
    typealias Transaction = SimulatedTransaction

    struct Event: Sendable {
        var text: String
        var key: [UInt8]?
        var share: Held.Share
    }

    let held: Held

    var sharesTransactions: Bool { true }

    func key(of event: Event) -> [UInt8]? { event.key }

    func decode(_ record: Record) throws(Undecodable) -> Event? {
        Event(text: record.text, key: record.key, share: held.share(bytes: record.byteCount))
    }

    func decide(_ batch: Batch<Event>) throws -> [Event] { batch.items.map(\.event) }

    func apply(
        _ events: [Event], in transaction: SimulatedTransaction, context: ApplyContext
    ) async throws -> Effects {
        let texts = events.map(\.text)
        var new = try await transaction.insert(ids: texts.filter { $0.hasPrefix("d:") }, toleratingConflicts: true)
        let journal = texts.filter { text in text.hasPrefix("d:") ? new.remove(text) != nil : true }
        try await transaction.append(toJournal: journal)
        return .none
    }
}
