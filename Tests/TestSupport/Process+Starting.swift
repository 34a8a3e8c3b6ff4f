package import Foundation
import Synchronization

extension Process {
    private static let starting = Mutex(())

    /// Starts it as `run()` does, but not while another process is being started.
    ///
    /// Foundation takes a process for running until nobody holds a certain descriptor any more, and does not keep that
    /// descriptor from a process that another thread starts at the same moment: the first would then seem to run for as
    /// long as the second.
    package func start() throws { try Self.starting.withLock { _ in try run() } }
}
