/// One simulated life of a small fleet: a worker at the door in two copies, one behind it, and what goes wrong.
package struct Scenario: Sendable {
    package var seed: UInt64
    /// Records brought to the door.
    package var records: Int
    package var partitions: Int32
    /// Processes of the second worker.
    package var copiesBehind: Int
    /// How many times something breaks before the world heals.
    package var troubles: Int
    package var faults: Set<Fault>
    /// Taken away by tests, which must then see the promise broken.
    package var without: Set<Protection> = []
    package var maximumSteps = 200_000

    /// Draws size and faults from the seed. Most are small: what goes wrong at all mostly goes wrong in a small world,
    /// and many small ones find it sooner. Each has about half of the faults, because some hide others.
    package init(seed: UInt64) {
        self.seed = seed
        var generator = Simulation.SplitMix64(seed: ~seed)
        func pick(_ bound: UInt64) -> Int { Int(generator.next() % bound) }
        records = 3 + pick(10)
        partitions = [1, 1, 1, 2, 2, 3][pick(6)]
        copiesBehind = 1 + pick(2)
        troubles = 1 + pick(4)
        faults = Set(Fault.allCases.filter { _ in pick(2) == 0 })
    }

    /// - Parameter tellsStory: keep what happened in order, for people.
    package func run(tellsStory: Bool = false) -> Report {
        let simulation = Simulation(seed: seed, tellsStory: tellsStory)
        let fleet = SimulatedFleet(self, simulation: simulation)
        let ending = simulation.run(maximumSteps: maximumSteps) { await fleet.live() }
        return Report(
            seed: seed, title: title, ending: ending,
            violations: ending == .finished ? fleet.violations : ["\(ending)"], trace: simulation.trace,
            steps: simulation.steps, story: simulation.lines)
    }
}

extension Scenario {
    private var title: String {
        "\(records) records, \(partitions) lanes, \(troubles) troubles of: "
            + faults.map(\.rawValue).sorted().joined(separator: ", ")
    }

    /// What became of a scenario.
    package struct Report: Sendable, CustomStringConvertible {
        package var seed: UInt64
        /// The scenario in a line.
        package var title: String
        package var ending: Simulation.Ending
        /// Differences from what should have happened; empty when the promise was kept.
        package var violations: [String]
        /// Hash of every scheduling choice.
        package var trace: UInt64
        package var steps: Int
        /// What happened, in order; empty if nobody asked for it.
        package var story: [String]

        package var isFlawless: Bool { ending == .finished && violations.isEmpty }

        package var description: String {
            var lines = ["seed \(seed): \(title)"]
            lines += story
            lines.append(
                isFlawless
                    ? "The promise was kept (\(steps) steps)."
                    : "The promise was broken (\(ending) after \(steps) steps):")
            lines += violations.prefix(12).map { "  \($0)" }
            return lines.joined(separator: "\n")
        }
    }
}
