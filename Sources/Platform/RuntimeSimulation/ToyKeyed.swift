import Records
import WorkerRuntime

/// A worker whose records depend on those of their key before them.
///
/// Values are `<key>:<number>`. Until the world is repaired, the numbers that 7 divides cannot be applied, those that 11
/// divides not be decided and those that 13 divides not be read. Each record is noted in the journal. Those that 3 does not divide are
/// published too, as a decision if even, else as a derived record.
struct ToyKeyed: BatchHandler {
    typealias Transaction = SimulatedTransaction

    struct Event: Sendable {
        var text: String
        var number: Int
    }

    let topic: String
    let isRepaired: @Sendable () -> Bool

    let waitsBehindDeadLetters = true
    let sharesTransactions = true

    static func isPublished(_ number: Int) -> Bool { !number.isMultiple(of: 3) }
    static func isUnreadable(_ number: Int) -> Bool { number.isMultiple(of: 13) }

    func decode(_ record: Record) throws(Undecodable) -> Event? {
        let text = String(decoding: record.value ?? [], as: UTF8.self)
        guard let number = text.split(separator: ":").last.flatMap({ Int($0) }),
            isRepaired() || !Self.isUnreadable(number)
        else { throw Undecodable(reason: "malformed", detail: "not a toy") }
        return Event(text: text, number: number)
    }

    func key(of event: Event) -> [UInt8]? { Array(event.text.prefix { $0 != ":" }.utf8) }

    func decide(_ batch: Batch<Event>) throws -> [Batch<Event>.Item] {
        if !isRepaired(), batch.items.contains(where: { $0.event.number.isMultiple(of: 11) }) {
            throw StoreFailure("undecidable", .deadLetter)
        }
        return batch.items
    }

    func apply(
        _ items: [Batch<Event>.Item], in transaction: SimulatedTransaction, context: ApplyContext
    ) async throws -> Effects {
        try await transaction.append(toJournal: items.map(\.event.text))
        if !isRepaired(), items.contains(where: { $0.event.number.isMultiple(of: 7) }) {
            throw StoreFailure("poison", .deadLetter)
        }
        var effects = Effects.none
        for item in items where Self.isPublished(item.event.number) {
            let record = OutgoingRecord(topic: topic, key: key(of: item.event), value: Array(item.event.text.utf8))
            if item.event.number.isMultiple(of: 2) {
                effects.outbox.append(record)
            } else {
                effects.derived.append(
                    DerivedRecord(
                        origin: item.record.topicPartition, originOffset: item.record.offset, record: record))
            }
        }
        return effects
    }
}
