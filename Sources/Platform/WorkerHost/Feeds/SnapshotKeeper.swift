package import LaneStorage

/// The memory of configuration values in the worker's own schema.
///
/// It is the fall-back when the topic is away, the guard against an emptied topic, and the proof of what was in force.
package protocol SnapshotKeeper: Sendable {
    /// The value adopted last of each key of this kind, without removed keys.
    func latest(kind: String) async throws -> [StoredSnapshot]

    /// Stores the value, or makes it the latest again. Repeating it changes nothing.
    func save(kind: String, _ snapshot: StoredSnapshot) async throws

    /// Remembers that the key was removed on purpose.
    func remove(kind: String, key: String) async throws
}

extension SnapshotStore: SnapshotKeeper {}
