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
    }

    struct Open {
        var process: Int
        var lane: Int32
        var row: LaneState
        var ids: Set<String> = []
        var journal: [String] = []
        var counters: [Int32: Int] = [:]
        /// To dead letters, parked records and requests.
        var changes: [WaitingRecords.Change] = []
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

        func holder(of lane: Int32) -> Int? { open.first { $0.value.lane == lane }?.key }

        mutating func commit(_ id: Int) {
            guard let transaction = open.removeValue(forKey: id) else { return }
            lanes[transaction.lane] = transaction.row
            tables.ids.formUnion(transaction.ids)
            tables.journal += transaction.journal
            tables.counters.merge(transaction.counters) { _, new in new }
            for change in transaction.changes { tables.waiting.apply(change) }
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

    let simulation: Simulation
    let state = Watched(State())
    /// Switched off by a test that shows what it is good for.
    let comparesAndSets: Bool
    let faults = Watched(Faults())

    package init(simulation: Simulation, comparesAndSets: Bool = true) {
        self.simulation = simulation
        self.comparesAndSets = comparesAndSets
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

    /// Ends what clients have left behind, for ever.
    package func serve() async {
        // The wait fails only by cancellation, which ends the service.
        while let id = try? await state.wait(for: { state in
            state.open.filter { $0.value.orphan != nil }.keys.min()
        }) {
            await simulation.pass(.milliseconds(simulation.pick(6_000)))
            state.update { state in
                if state.open[id]?.orphan == .commits { state.commit(id) } else { state.open[id] = nil }
            }
        }
    }
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
