/// Everything a configuration topic says at one moment, compiled. Immutable; swapped whole.
package struct FeedSnapshot<Value: Sendable>: Sendable {
    package struct Entry: Sendable {
        package var value: Value
        /// See ``SnapshotVersion``.
        package var version: String
    }

    /// By the record's key, as `ww1234567890abcdef/rules`.
    package var entries: [String: Entry] = [:]

    package init() {}

    package subscript(key: String) -> Value? { entries[key]?.value }

    /// By key.
    package var values: [String: Value] { entries.mapValues(\.value) }

    /// By key; what heartbeats report.
    package var versions: [String: String] { entries.mapValues(\.version) }
}
