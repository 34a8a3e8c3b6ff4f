import ArgumentParser
import RuntimeSimulation

@main
struct App: ParsableCommand {
    @Option var seeds: Int = 100
    @Option var seed: UInt64?
    @Option var without: String?
    func run() throws {
        var steps = 0
        let clock = ContinuousClock()
        let start = clock.now
        if let seed {
            var scenario = Scenario(seed: seed)
            if let without { scenario.without = [Protection(rawValue: without)!] }
            print(scenario.run(tellsStory: true)); return }
        var bad = 0
        for seed in 1...UInt64(seeds) {
            var scenario = Scenario(seed: seed)
            if let without { scenario.without = [Protection(rawValue: without)!] }
            let report = scenario.run()
            steps += report.steps
            if !report.isFlawless { bad += 1; if bad < 40 { print(seed, report.steps, report.violations.prefix(2)) } }
        }
        print(steps / seeds, "steps", clock.now - start, bad, "bad")
    }
}
