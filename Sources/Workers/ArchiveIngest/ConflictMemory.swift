import Synchronization

/// Remembers which lanes met stored messages lately, so that a replayed stream goes through the tolerant path at once
/// instead of failing first, batch after batch.
final class ConflictMemory: Sendable {
    private static let batches = 32

    /// By lane: batches still to be stored the tolerant way.
    private let remaining = Mutex<[Int32: Int]>([:])

    func expectsConflicts(on lane: Int32) -> Bool { remaining.withLock { $0[lane] != nil } }

    /// - Parameter conflicts: messages of the batch that were stored already.
    func record(conflicts: Int, on lane: Int32) {
        remaining.withLock { remaining in
            if conflicts > 0 {
                remaining[lane] = Self.batches
            } else if let left = remaining[lane] {
                remaining[lane] = left > 1 ? left - 1 : nil
            }
        }
    }
}
