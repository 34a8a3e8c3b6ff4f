import Records
import WorkerRuntime

/// Examines effects as they are committed: none more often than allowed, and in order of their line.
///
/// Lives in the tables it examines, so that a restored database is judged by what is in it.
struct EffectAudit: Sendable {
    /// Effects of one line must come in the order of their numbers.
    struct Place: Sendable {
        var line: String
        var number: Int
    }

    let name: String
    /// `nil`: may come at any time.
    let place: @Sendable (String) -> Place?
    /// How often an effect may be there.
    let allowed: @Sendable (String) -> Int
    private var counts: [String: Int] = [:]
    private var last: [String: Int] = [:]
    /// Dead letters by the place of their record.
    private var buried: [TopicPartition: Set<Int64>] = [:]

    init(
        _ name: String, place: @escaping @Sendable (String) -> Place?,
        allowed: @escaping @Sendable (String) -> Int = { _ in 1 }
    ) {
        self.name = name
        self.place = place
        self.allowed = allowed
    }

    /// - Returns: what is wrong, a sentence each.
    mutating func committed(_ transaction: SimulatedDatabase.Open) -> [String] {
        var violations: [String] = []
        for effect in transaction.journal {
            let allowed = allowed(effect)
            counts[effect, default: 0] += 1
            if counts[effect, default: 0] > allowed { violations.append("\(name): \(effect) is there twice") }
            // What may come again after a restore may also come late.
            guard allowed == 1, let place = place(effect) else { continue }
            if let before = last[place.line], before > place.number {
                violations.append("\(name): \(effect) came after \(before) of \(place.line)")
            }
            last[place.line] = place.number
        }
        for letter in transaction.deadLetters {
            let record = letter.record
            guard !buried[record.topicPartition, default: []].insert(record.offset).inserted else { continue }
            violations.append("\(name): dead letter \(record.text) is there twice")
        }
        return violations
    }
}
