import Synchronization
import WorkerRuntime

/// A worker process, as far as the rest of the world notices it: it runs, stands still, or is gone.
///
/// A process that stands still goes on later in the middle of whatever it was doing, with everybody else having moved
/// on: the zombie against which lanes have epochs.
package final class SimulatedProcess: Sendable {
    package enum Life: Sendable { case running, frozen, dead }

    /// A place where something may happen to a process.
    enum Place: Sendable {
        case anyCall
        /// The broker has what it published; mostly nothing is committed yet.
        case published
    }

    /// Something that happens when the process has come to such a place a number of times more.
    private struct Fuse {
        var left: Int
        var place: Place
        var burn: @Sendable () -> Void
    }

    package let id: Int
    private let simulation: Simulation
    /// Calls into the world may take a second or two.
    private let isSlow: Bool
    private let life = Watched(Life.running)
    private let fuse = Mutex<Fuse?>(nil)

    package init(id: Int, simulation: Simulation, isSlow: Bool = false) {
        self.id = id
        self.simulation = simulation
        self.isSlow = isSlow
    }

    package var isDead: Bool { life.read { $0 == .dead } }
    package var isRunning: Bool { life.read { $0 == .running } }

    /// Stops the process for a while; nothing happens to a dead one.
    package func freeze() { life.update { $0 = $0 == .dead ? .dead : .frozen } }
    package func thaw() { life.update { $0 = $0 == .dead ? .dead : .running } }
    package func kill() { life.update { $0 = .dead } }

    /// Lets something happen in the middle of a call: at any of the places where the process waits for the world.
    func arm(after calls: Int, at place: Place = .anyCall, _ burn: @escaping @Sendable () -> Void) {
        fuse.withLock { $0 = Fuse(left: calls, place: place, burn: burn) }
    }

    func disarm() { fuse.withLock { $0 = nil } }

    func waitUntilDead() async throws { try await life.wait { $0 == .dead ? () : nil } }

    /// Every call into the world and every answer pass here; a dead process makes no calls and gets no answers.
    func cross(_ place: Place = .anyCall) async throws {
        burnDown(place)
        if simulation.chance(20) {
            let most = isSlow && simulation.chance(4) ? 2_500 : 8
            await simulation.pass(.milliseconds(simulation.pick(most)))
        }
        switch life.read({ $0 }) {
        case .running: return
        case .frozen: try await life.wait { $0 == .frozen ? nil : () }
        case .dead: break
        }
        if isDead { throw CancellationError() }
    }

    private func burnDown(_ place: Place) {
        let burn = fuse.withLock { fuse -> (@Sendable () -> Void)? in
            guard let left = fuse?.left, fuse?.place == .anyCall || fuse?.place == place else { return nil }
            fuse?.left = left - 1
            guard left <= 0 else { return nil }
            defer { fuse = nil }
            return fuse?.burn
        }
        burn?()
    }
}
