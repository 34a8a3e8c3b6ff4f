import RuntimeSimulation
import TestSupport
import Testing
import WorkerRuntime

/// The promise, under a seed: every record has its effect exactly once, in order of its key, and is seen once downstream.
struct RuntimeSimulationTests {
    /// A first look in the debug build; `scripts/test` runs many more in a release build.
    @Test(arguments: 1...100)
    func fleetKeepsThePromise(seed: Int) async {
        let report = await BusyThread.run { Scenario(seed: UInt64(seed)).run() }
        #expect(report.isFlawless, "\(report)")
    }

    /// The store of all these worlds is held to what the one on PostgreSQL is held to.
    @Test func theStoreInMemoryKeepsThePromisesOfALaneStore() {
        RuntimeStage.play { stage in
            let process = SimulatedProcess(id: 1, simulation: stage.simulation)
            try await laneStoreSuite {
                SimulatedStore(stage.database, process: process)
            } deadLetters: {
                let tables = stage.database.tables
                return zip(tables.waiting.letterIDs, tables.deadLetters).map { ($0, $1.reason) }
            } ask: { action, lane in
                switch action {
                case .redrive(let id): stage.database.ask(.redrive(letter: id), lane: lane)
                case .discard(let id): stage.database.ask(.discard(letter: id), lane: lane)
                case .park(let key): stage.database.ask(.park(key), lane: lane)
                case .unpark(let key): stage.database.ask(.unpark(key), lane: lane)
                }
            }
        }
    }

    @Test func sameSeedMakesTheSameChoices() {
        let first = Scenario(seed: 42).run()
        let second = Scenario(seed: 42).run(tellsStory: true)
        #expect(first.steps > 500)
        #expect(first.trace == second.trace)
        #expect(first.story.isEmpty && second.story.count > 20)
        #expect(Scenario(seed: 43).run().trace != first.trace)
    }

    /// Each protection is needed: without it, one of so many seeds breaks the promise.
    @Test(arguments: Protection.allCases)
    func withoutAProtectionThePromiseIsBroken(protection: Protection) async {
        let broken = await BusyThread.run {
            (UInt64(1)...protection.seedsUntilMissed).lazy.map { seed -> Scenario.Report in
                var scenario = Scenario(seed: seed)
                scenario.without = [protection]
                return scenario.run()
            }.first { !$0.isFlawless }
        }
        #expect(broken != nil, "\(protection) was not missed")
    }
}
