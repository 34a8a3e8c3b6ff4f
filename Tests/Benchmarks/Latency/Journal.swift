import Foundation
import Synchronization

/// When which message was sent, and when its alert could be read.
final class Journal: Sendable {
    private struct State {
        var sent: [String: ContinuousClock.Instant] = [:]
        var read: [String: ContinuousClock.Instant] = [:]
    }

    private let state = Mutex(State())

    func sent(_ id: String, at moment: ContinuousClock.Instant) { state.withLock { $0.sent[id] = moment } }

    func read(_ id: String, at moment: ContinuousClock.Instant) {
        state.withLock { if $0.read[id] == nil { $0.read[id] = moment } }
    }

    /// Milliseconds from sending a message to reading its alert; `nil` while there is none.
    func latency(of id: String) -> Double? {
        state.withLock { state in
            guard let sent = state.sent[id], let read = state.read[id] else { return nil }
            return (read - sent) / .milliseconds(1)
        }
    }

    /// Gives up quietly: what is missing is counted.
    func waitForAlerts(of ids: [String], within limit: Duration) async throws {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline, ids.contains(where: { latency(of: $0) == nil }) {
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
