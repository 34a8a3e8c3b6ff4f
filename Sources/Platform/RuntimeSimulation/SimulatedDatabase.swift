import Records
package import WorkerRuntime

/// One worker's schema in memory: the runtime's tables, and those of the toy handlers.
///
/// Transactions hold the lane's lock from beginning to end, may be left behind by a frozen process, and may be committed
/// although the client was told that its connection broke.
package final class SimulatedDatabase: Sendable {
    /// What a handler can write.
    package struct Tables: Sendable {
        /// Unique ids.
        package var ids: Set<String> = []
        /// Effects in the order of their commit; nothing keeps one from being there twice.
        package var journal: [String] = []
        package var counters: [Int32: Int] = [:]
        package var waiting = WaitingRecords()
        package var deadLetters: [DeadLetter] { waiting.letters.map(\.letter) }
        /// By effect: the version of the rules that decided it.
        package var versions: [String: Int] = [:]
        /// Values of all outbox entries ever committed.
        package var decided: [String] = []
        /// Examines what is committed.
        var audit: EffectAudit?
    }

    /// A lane in an open transaction.
    struct Open {
        var process: Int
        /// The first lane of the transaction. Its entry holds what the handler writes; all entries end together.
        var first: Int
        var lane: Int32
        var row: LaneState
        /// As the lane was when the transaction began.
        var before: LaneState
        var ids: Set<String> = []
        var journal: [String] = []
        var counters: [Int32: Int] = [:]
        /// To dead letters, parked records and requests.
        var changes: [WaitingRecords.Change] = []
        var versions: [String: Int] = [:]
        var decided: [String] = []
        /// The client has left; the server finishes after a while.
        var orphan: Orphan?
    }

    enum Orphan { case commits, rollsBack }

    struct State {
        var lanes: [Int32: LaneState] = [:]
        var tables = Tables()
        var open: [Int: Open] = [:]
        var nextID = 0
        var isAway = false
        /// What the audits found, whatever was restored since.
        var violations: [String] = []
        /// The most entries a lane's outbox ever held.
        var longestOutbox = 0

        func holder(of lane: Int32) -> Int? { open.first { $0.value.lane == lane }?.key }

        /// Begins a transaction with the lane's lock, if it is free.
        /// - Parameter first: the transaction that the lane joins; `nil` begins one.
        mutating func begin(_ lane: Int32, process: Int, joining first: Int? = nil) -> Int? {
            // Its session was ended meanwhile: what is done with such an id fails.
            if let first, open[first] == nil { return 0 }
            guard holder(of: lane) == nil else { return nil }
            nextID += 1
            let row = lanes[lane] ?? LaneState(claim: LaneClaim(lane: lane, epoch: 0))
            open[nextID] = Open(process: process, first: first ?? nextID, lane: lane, row: row, before: row)
            return nextID
        }

        /// The lane's part of a transaction.
        func part(of first: Int, lane: Int32) -> Int? {
            open.first { $0.value.first == first && $0.value.lane == lane }?.key
        }

        /// Rolls the transaction back of which this is a part.
        mutating func end(_ id: Int) {
            guard let first = open[id]?.first else { return }
            open = open.filter { $0.value.first != first }
        }

        /// Commits the transaction with all its lanes.
        /// - Returns: the first lane's part.
        @discardableResult
        mutating func commit(_ first: Int) -> Open? {
            for id in open.keys.filter({ $0 != first && open[$0]?.first == first }).sorted() { commit(part: id) }
            return commit(part: first)
        }

        @discardableResult
        private mutating func commit(part id: Int) -> Open? {
            guard let transaction = open.removeValue(forKey: id) else { return nil }
            lanes[transaction.lane] = transaction.row
            longestOutbox = max(longestOutbox, transaction.row.outbox.count)
            tables.ids.formUnion(transaction.ids)
            tables.journal += transaction.journal
            tables.counters.merge(transaction.counters) { _, new in new }
            tables.versions.merge(transaction.versions) { _, new in new }
            for change in transaction.changes { tables.waiting.apply(change) }
            tables.decided += transaction.decided
            violations += tables.audit?.committed(transaction) ?? []
            return transaction
        }
    }

    /// How often what goes wrong, in percent of the transactions.
    package struct Faults: Sendable {
        package var lostRequest = 0
        package var lostAnswer = 0
        package var lateCommit = 0

        package init(lostRequest: Int = 0, lostAnswer: Int = 0, lateCommit: Int = 0) {
            self.lostRequest = lostRequest
            self.lostAnswer = lostAnswer
            self.lateCommit = lateCommit
        }
    }

    /// Everything in a schema at one moment.
    package struct Backup: Sendable {
        var lanes: [Int32: LaneState]
        var tables: Tables
    }

    let name: String
    let simulation: Simulation
    let state: Watched<State>
    /// Protections taken away by a test that shows what they are good for.
    let without: Set<Protection>
    let faults = Watched(Faults())

    package init(simulation: Simulation, name: String = "database", without: Set<Protection> = []) {
        self.name = name
        self.simulation = simulation
        self.without = without
        state = Watched(State())
    }

    package var tables: Tables { state.read { $0.tables } }
    package var lanes: [Int32: LaneState] { state.read { $0.lanes } }

    package var openTransactions: Int { state.read { $0.open.count } }

    /// What nobody should do: changes a lane behind its owner's back.
    package func moveOffset(of topic: String, lane: Int32, to offset: Int64) {
        state.update { $0.lanes[lane]?.offsets[topic]?.next = offset }
    }

    package func setAway(_ isAway: Bool) { state.update { $0.isAway = isAway } }
    package func setFaults(_ faults: Faults) { self.faults.update { $0 = faults } }

    /// The server restarts: whatever is open is rolled back.
    func endSessions() { state.update { $0.open = [:] } }

    /// Ends what clients have left behind, for ever.
    package func serve() async {
        // The wait fails only by cancellation, which ends the service.
        while let id = try? await state.wait(for: { state in
            state.open.filter { $0.value.orphan != nil }.keys.min()
        }) {
            await simulation.pass(.milliseconds(simulation.pick(6_000)))
            let committed = state.update { state -> Open? in
                if state.open[id]?.orphan == .commits { return state.commit(id) }
                state.end(id)
                return nil
            }
            if let committed { tell(committed, "its connection is long gone") }
        }
    }

    func tell(_ commit: Open, _ ending: String) {
        simulation.tell("\(name): \(commit.summary)\(ending.isEmpty ? "" : " (\(ending))")")
    }
}

extension SimulatedDatabase.Open {
    /// What it adds to the dead letters.
    var deadLetters: [DeadLetter] {
        changes.flatMap { change -> [DeadLetter] in
            if case .keep(let letters, _) = change { letters } else { [] }
        }
    }

    /// One line for the story.
    var summary: String {
        let moves = row.offsets.sorted { $0.key < $1.key }.compactMap { topic, offset -> String? in
            let old = before.offsets[topic]?.next
            return old == offset.next ? nil : "\(topic) \(old.map(String.init) ?? "–")→\(offset.next)"
        }
        var parts = ["process \(process) commits lane \(lane)"] + moves
        if !journal.isEmpty { parts.append("effects " + journal.joined(separator: " ")) }
        if !decided.isEmpty { parts.append("decisions " + decided.joined(separator: " ")) }
        if !deadLetters.isEmpty {
            parts.append("dead letters " + deadLetters.map { $0.record.text }.joined(separator: " "))
        }
        let deleted = before.outbox.count + decided.count - row.outbox.count
        if deleted > 0 { parts.append("\(deleted) outbox rows deleted") }
        return parts.joined(separator: ", ")
    }
}

extension Record {
    /// The value of a toy's record.
    var text: String { String(decoding: value ?? [], as: UTF8.self) }
}

/// A failure of the simulated store.
package struct StoreFailure: Error, Disposed, CustomStringConvertible {
    package var disposition: Disposition
    package var description: String

    package init(_ description: String, _ disposition: Disposition) {
        self.description = description
        self.disposition = disposition
    }
}
