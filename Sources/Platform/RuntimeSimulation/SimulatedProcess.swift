import WorkerRuntime

/// A worker process, as far as the rest of the world notices it: it runs, stands still, or is gone.
///
/// A process that stands still goes on later in the middle of whatever it was doing, with everybody else having moved
/// on: the zombie against which lanes have epochs.
package final class SimulatedProcess: Sendable {
    package enum Life: Sendable { case running, frozen, dead }

    package let id: Int
    private let simulation: Simulation
    private let life = Watched(Life.running)

    package init(id: Int, simulation: Simulation) {
        self.id = id
        self.simulation = simulation
    }

    package var isDead: Bool { life.read { $0 == .dead } }
    package var isRunning: Bool { life.read { $0 == .running } }

    /// Stops the process for a while; nothing happens to a dead one.
    package func freeze() { life.update { $0 = $0 == .dead ? .dead : .frozen } }
    package func thaw() { life.update { $0 = $0 == .dead ? .dead : .running } }
    package func kill() { life.update { $0 = .dead } }

    func waitUntilDead() async throws { try await life.wait { $0 == .dead ? () : nil } }

    /// Every call into the world and every answer pass here; a dead process makes no calls and gets no answers.
    func cross() async throws {
        if simulation.chance(20) { await simulation.pass(.milliseconds(simulation.pick(8))) }
        try await life.wait { $0 == .frozen ? nil : () }
        if isDead { throw CancellationError() }
    }
}
