import Records
import Synchronization
import WorkerRuntime

/// What should have happened, worked out from the records alone.
final class Oracle: Sendable {
    private struct Brought {
        var kind: Character
        var lane: Int32
        var key: String
        /// It came through two lanes, which may follow each other in either order.
        var isDoubled = false
    }

    private struct State {
        var brought: [Int: Brought] = [:]
        var isComplete = false
        var restores: [SimulatedFleet.Side: Int] = [:]
        /// Decisions that the worker behind may see once more, because the door's database forgot them.
        var forgotten: [String: Int] = [:]
    }

    /// Records wait behind those of their key, so that only keys are in order, and what was bad is redriven in the end.
    private let parks: Bool
    private let state = Mutex(State())

    init(parks: Bool) { self.parks = parks }

    func brought(_ kind: Character, _ number: Int, lane: Int32, key: String) {
        state.withLock { state in
            let isDoubled = state.brought[number] != nil
            state.brought[number] = Brought(kind: kind, lane: lane, key: key, isDoubled: isDoubled)
        }
    }

    func completed() { state.withLock { $0.isComplete = true } }

    // MARK: As it happens

    /// Examines every commit and every record that arrives.
    func watch(door: SimulatedDatabase, behind: SimulatedDatabase, log: SimulatedLog) {
        log.state.update {
            $0.audit.mayComeLate = { record in
                let text = String(decoding: record.value ?? [], as: UTF8.self)
                guard record.topic == SimulatedFleet.derived, let number = Int(text.dropFirst(2)) else { return false }
                return self.state.withLock { $0.brought[number]?.isDoubled == true }
            }
        }
        door.state.update {
            $0.tables.audit = EffectAudit("door") { effect in
                self.place(of: effect, kinds: "mtpq") { self.parks ? "key \($0.key)" : "lane \($0.lane)" }
            }
        }
        behind.state.update {
            $0.tables.audit = EffectAudit("behind") { effect in
                self.place(of: effect, kinds: "da") { self.line(behind: effect, $0) }
            } allowed: { effect in
                1 + self.state.withLock { $0.forgotten[effect, default: 0] }
            }
        }
    }

    /// Across a restore of the door, decisions keep no order: others may be made than before.
    private func line(behind effect: String, _ brought: Brought) -> String {
        let isAgain = effect.hasPrefix("a") && restores(of: .door) > 0
        return "\(effect.prefix(1)) of \(brought.key)" + (isAgain ? " after restore \(restores(of: .door))" : "")
    }

    private func place(
        of effect: String, kinds: String, _ line: (Brought) -> String
    ) -> EffectAudit.Place? {
        guard let kind = effect.first, kinds.contains(kind), let number = Int(effect.dropFirst(2)),
            let brought = state.withLock({ $0.brought[number] }), !brought.isDoubled
        else { return nil }
        // What was refused at first, while others behind it were published, comes late.
        if brought.kind == "m", kind == "d" || parks, Rules.isRefusable(number) { return nil }
        return EffectAudit.Place(line: line(brought), number: number)
    }

    // MARK: Restoring

    /// How often the database was restored.
    func restores(of side: SimulatedFleet.Side) -> Int { state.withLock { $0.restores[side, default: 0] } }

    /// What the door's database forgets is decided again and published under new numbers; so is what is in its outbox.
    func restored(
        _ side: SimulatedFleet.Side, from tables: SimulatedDatabase.Tables, to backup: SimulatedDatabase.Backup
    ) {
        state.withLock { $0.restores[side, default: 0] += 1 }
        guard side == .door else { return }
        let waiting = backup.lanes.values.flatMap(\.outbox).map {
            String(decoding: $0.record.value ?? [], as: UTF8.self)
        }
        state.withLock { state in
            for decision in tables.decided.dropFirst(backup.tables.decided.count) + waiting {
                state.forgotten[decision, default: 0] += 1
            }
        }
    }

    // MARK: At the end

    func isDone(_ fleet: SimulatedFleet) -> Bool {
        guard state.withLock({ $0.isComplete }), !fleet.log.hasShipments else { return false }
        let counters = fleet.door.tables.counters
        return (0..<fleet.scenario.partitions).allSatisfy { counters[$0, default: 0] >= ToyIngest.timerEnd }
            && SimulatedFleet.Side.allCases.allSatisfy { isSettled($0, fleet) }
    }

    private func isSettled(_ side: SimulatedFleet.Side, _ fleet: SimulatedFleet) -> Bool {
        let lanes = fleet.database(of: side).lanes
        let waiting = fleet.database(of: side).tables.waiting
        let isQuiet = waiting.parkedRecords.isEmpty && waiting.requests.allSatisfy { $0.answer != nil }
        guard isQuiet, !parks || waiting.letters.isEmpty else { return false }
        return (0..<fleet.scenario.partitions).allSatisfy { number in
            guard let lane = lanes[number], lane.outbox.isEmpty, !lane.parked.values.contains(where: \.waits) else {
                return false
            }
            return side.topics.allSatisfy { lane.offsets[$0]?.next == fleet.log.end(of: $0, partition: number) }
        }
    }

    /// Differences between this and what the fleet has stored and published.
    func violations(of fleet: SimulatedFleet) -> [String] {
        let state = state.withLock { $0 }
        let (door, behind) = (fleet.door.tables, fleet.behind.tables)
        func numbers(_ kinds: String) -> [Int] { state.brought.filter { kinds.contains($0.value.kind) }.keys.sorted() }
        let timers = (0..<fleet.scenario.partitions).flatMap { lane in
            (1...ToyIngest.timerEnd).map { "s:\(lane).\($0)" }
        }
        let bad = state.brought.filter { "xpq".contains($0.value.kind) }.map { "\($0.value.kind):\($0.key)" }.sorted()
        let letters = door.deadLetters.map(\.record.text)
        let refused = Dictionary(grouping: letters, by: \.self).mapValues(\.count)
        let refusable = numbers("m").filter(Rules.isRefusable)
        // Each time that it was brought, a message was accepted or refused.
        let stored = state.brought.filter { number, brought in
            brought.kind == "m" && refused["m:\(number)", default: 0] < (brought.isDoubled ? 2 : 1)
        }.keys.sorted()
        let decided = stored.filter { Rules.raisesDecision($0, version: door.versions["m:\($0)"] ?? 0) }
        var violations = fleet.door.state.read { $0.violations } + fleet.behind.state.read { $0.violations }
        violations += fleet.log.state.read { $0.audit.violations }
        violations += Self.differences(
            "door", door.journal,
            stored.map { "m:\($0)" } + numbers("t").map { "t:\($0)" } + timers + (parks ? bad : []))
        violations += Self.differences(
            "behind", behind.journal, stored.map { "d:\($0)" } + decided.map { "a:\($0)" } + timers,
            // What is derived may run ahead of what is stored: a former owner published it and died.
            mayBe: Set(state.forgotten.keys).union(refusable.map { "d:\($0)" }))
        violations += Self.differences(
            "dead letters", letters, parks ? [] : bad, mayBe: parks ? [] : Set(refusable.map { "m:\($0)" }))
        violations += Self.differences("dead letters behind", behind.deadLetters.map(\.record.text), [])
        violations += fleet.door.lanes.sorted { $0.key < $1.key }.compactMap { number, lane in
            fleet.log.state.read {
                $0.audit.gap(of: "door/\(number)", next: lane.nextSequence)
            }
        }
        let longest = max(fleet.door.state.read { $0.longestOutbox }, fleet.behind.state.read { $0.longestOutbox })
        if longest > fleet.scenario.longestOutbox {
            violations.append("an outbox held \(longest) entries; its bound is \(fleet.scenario.longestOutbox)")
        }
        return violations
    }

    /// What is there more often than allowed was found when it was committed.
    private static func differences(
        _ what: String, _ found: [String], _ expected: [String], mayBe: Set<String> = []
    ) -> [String] {
        let found = Set(found)
        let missing = expected.filter { !found.contains($0) }.map { "\(what): \($0) is missing" }
        return missing + found.subtracting(expected).subtracting(mayBe).sorted().map { "\(what): \($0) is unexpected" }
    }
}
