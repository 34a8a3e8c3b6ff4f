/// One simulated life of a small fleet: two workers at the door, two behind them, and everything that can go wrong.
package struct Scenario: Sendable {
    package var seed: UInt64
    /// Records brought to the door.
    package var records = 60
    package var partitions: Int32 = 3
    /// How many times something breaks before the world heals.
    package var troubles = 12
    /// Protections of the runtime; a test that switches one off must see the promise broken.
    package var comparesAndSets = true
    package var dropsSeenNumbers = true
    package var maximumSteps = 2_000_000

    package init(seed: UInt64) {
        self.seed = seed
    }

    package struct Report: Sendable, CustomStringConvertible {
        package var seed: UInt64
        package var ending: Simulation.Ending
        /// Differences from what should have happened; empty when the promise was kept.
        package var violations: [String]
        /// Hash of every scheduling choice.
        package var trace: UInt64
        package var steps: Int
        /// What went wrong on purpose.
        package var troubles: [String]

        package var isFlawless: Bool { ending == .finished && violations.isEmpty }

        package var description: String {
            let faults = violations.prefix(8).joined(separator: "\n  ")
            return "seed \(seed): \(ending) after \(steps) steps\n  \(faults)\ntroubles:\n  "
                + troubles.joined(separator: "\n  ")
        }
    }

    package func run() -> Report {
        let simulation = Simulation(seed: seed)
        let fleet = SimulatedFleet(self, simulation: simulation)
        let ending = simulation.run(maximumSteps: maximumSteps) { await fleet.live() }
        return Report(
            seed: seed, ending: ending, violations: ending == .finished ? fleet.violations : ["\(ending)"],
            trace: simulation.trace, steps: simulation.steps, troubles: fleet.troubles)
    }
}
