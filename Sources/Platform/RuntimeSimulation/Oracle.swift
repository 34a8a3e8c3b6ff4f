import Records
import WorkerRuntime

/// What should have happened, worked out from the records alone.
struct Oracle: Sendable {
    private struct Brought {
        var kind: Character
        var number: Int
        var lane: Int32
        var key: String
    }

    private var brought: [Brought] = []
    var isComplete = false

    mutating func brought(_ value: String, lane: Int32, key: String) {
        let parts = value.split(separator: ":")
        guard let kind = parts.first?.first, let number = parts.last.flatMap({ Int($0) }) else { return }
        brought.append(Brought(kind: kind, number: number, lane: lane, key: key))
    }

    /// Differences between this and what the fleet has stored and published.
    func violations(of fleet: SimulatedFleet) -> [String] {
        let door = fleet.door.tables
        let behind = fleet.behind.tables
        let timers = Set(door.journal.filter { $0.hasPrefix("s:") })
        let messages = Set(brought.filter { $0.kind == "m" }.map(\.number))
        let ticks = Set(brought.filter { $0.kind == "t" }.map(\.number))
        let bad = brought.filter { "xpq".contains($0.kind) }
        var violations: [String] = []

        let stored = Set(messages.map { "m:\($0)" } + ticks.map { "t:\($0)" }).union(timers)
        violations += Self.differences("journal of the door", door.journal, stored)
        let followed = Set(messages.map { "d:\($0)" })
            .union(messages.filter { $0.isMultiple(of: 3) }.map { "a:\($0)" }).union(timers)
        violations += Self.differences("journal behind", behind.journal, followed)
        violations += Self.differences(
            "dead letters", door.deadLetters.map { String(decoding: $0.record.value ?? [], as: UTF8.self) },
            Set(bad.map { "\($0.kind):\($0.number)" }))
        if !behind.deadLetters.isEmpty { violations.append("dead letters behind: \(behind.deadLetters.count)") }
        violations += disorder(door.journal, kinds: ["m", "t"], at: "the door") { "lane \($0.lane)" }
        violations += disorder(behind.journal, kinds: ["d"], at: "the second worker", \.key)
        violations += gaps(fleet)
        return violations
    }

    private static func differences(_ what: String, _ found: [String], _ expected: Set<String>) -> [String] {
        let counts = Dictionary(grouping: found, by: \.self).mapValues(\.count)
        let missing = expected.subtracting(counts.keys).sorted().map { "\(what): \($0) is missing" }
        let repeated = counts.filter { $0.value > 1 }.keys.sorted().map { "\(what): \($0) is there twice" }
        let unexpected = Set(counts.keys).subtracting(expected).sorted().map { "\(what): \($0) is unexpected" }
        return missing + repeated + unexpected
    }

    /// Effects must be in the order of their records: at the door for each lane, behind it for each key. What came
    /// through two lanes may follow either.
    private func disorder(
        _ journal: [String], kinds: Set<Character>, at place: String, _ line: (Brought) -> String
    ) -> [String] {
        let records = Dictionary(grouping: brought, by: \.number).filter { $0.value.count == 1 }
            .compactMapValues(\.first)
        var last: [String: Int] = [:]
        return journal.compactMap { entry in
            guard let kind = entry.first, kinds.contains(kind), let number = Int(entry.dropFirst(2)),
                let record = records[number]
            else { return nil }
            let line = line(record)
            defer { last[line] = number }
            guard let before = last[line], before > number else { return nil }
            return "\(place): \(entry) came after \(before) of \(line)"
        }
    }

    /// Numbers of each stream must rise at first occurrence in each partition, and those of an outbox leave none out.
    private func gaps(_ fleet: SimulatedFleet) -> [String] {
        var violations: [String] = []
        var numbers: [String: Set<Int64>] = [:]
        for topic in [SimulatedFleet.derived, SimulatedFleet.decisions] {
            for partition in fleet.log.records(of: topic) {
                var seen: [String: Set<Int64>] = [:]
                for record in partition {
                    guard let (source, number) = Self.number(record) else {
                        violations.append("\(topic): a record without a number")
                        continue
                    }
                    if seen[source, default: []].insert(number).inserted, (seen[source]?.max() ?? 0) > number {
                        violations.append("\(topic): \(source) \(number) appears first after a higher one")
                    }
                    if topic == SimulatedFleet.decisions { numbers[source, default: []].insert(number) }
                }
            }
        }
        for (source, found) in numbers where Int64(found.count) != found.max() ?? 0 {
            violations.append("\(source): \(found.count) numbers published, but the highest is \(found.max() ?? 0)")
        }
        return violations
    }

    private static func number(_ record: Record) -> (String, Int64)? {
        guard let source = record.header("source"), let sequence = record.header("source-seq") else { return nil }
        return Int64(String(decoding: sequence, as: UTF8.self)).map { (String(decoding: source, as: UTF8.self), $0) }
    }
}
