import RuntimeSimulation
import TestSupport
import Testing
import WorkerRuntime

/// The promise, under a seed: every record has its effect exactly once, in order of its key, and is seen once downstream.
struct RuntimeSimulationTests {
    @Test(arguments: 1...100)
    func fleetKeepsThePromise(seed: Int) {
        let report = Scenario(seed: UInt64(seed)).run()
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
        let second = Scenario(seed: 42).run()
        #expect(first.steps > 1_000)
        #expect(first.trace == second.trace)
        #expect(Scenario(seed: 43).run().trace != first.trace)
    }

    @Test func withoutTheCompareAndSetEffectsAreDoubled() {
        #expect(Self.brokenPromise { $0.comparesAndSets = false }?.contains { $0.hasSuffix("is there twice") } == true)
    }

    @Test func withoutTheNumbersDecisionsAreSeenTwice() {
        let differences = Self.brokenPromise { $0.dropsSeenNumbers = false }
        #expect(differences?.allSatisfy { $0.hasPrefix("journal behind") && $0.hasSuffix("is there twice") } == true)
    }

    /// Differences from the oracle of the first seed that shows a doubled effect.
    private static func brokenPromise(_ weaken: (inout Scenario) -> Void) -> [String]? {
        for seed in UInt64(1)...40 {
            var scenario = Scenario(seed: seed)
            weaken(&scenario)
            let report = scenario.run()
            if report.violations.contains(where: { $0.hasSuffix("is there twice") }) { return report.violations }
        }
        return nil
    }
}
