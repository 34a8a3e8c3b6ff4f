/// The memory of configuration values in the worker's own schema.
///
/// It is the fall-back when the topic is away, the guard against an emptied topic, and the proof of what was in force.
package protocol SnapshotKeeper: Sendable {
    /// The newest stored value of each key of this kind of configuration, tombstones excluded.
    func latest(kind: String) async throws -> [StoredSnapshot]

    /// Stores the value, or makes it the newest again. One transaction; repeating it changes nothing.
    func save(_ snapshot: StoredSnapshot, kind: String) async throws

    /// Remembers that the key was removed on purpose.
    func remove(key: String, kind: String) async throws
}

/// A configuration value as stored.
package struct StoredSnapshot: Sendable, Equatable {
    package var key: String
    package var version: String
    package var value: [UInt8]

    package init(key: String, version: String, value: [UInt8]) {
        self.key = key
        self.version = version
        self.value = value
    }
}
