package import Postgres

/// A configuration as it was adopted.
package struct StoredSnapshot: Sendable, Equatable {
    package var key: String
    /// The hash of the value.
    package var version: String
    package var value: [UInt8]

    package init(key: String, version: String, value: [UInt8]) {
        self.key = key
        self.version = version
        self.value = value
    }
}

/// Every configuration this worker ever adopted: its fall-back when the topic is away, and the proof of what was in
/// force.
package struct SnapshotStore: Sendable {
    private let pool: PostgresPool
    private let schema: String

    /// In place of a version, which is a hash in hexadecimal digits.
    private static let removed = "removed"

    /// - Parameter schema: A name from a constant: it is spliced into SQL.
    package init(pool: PostgresPool, schema: String) {
        self.pool = pool
        self.schema = schema
    }

    /// Stores an adopted snapshot. One that is stored already becomes the latest again.
    package func save(kind: String, _ snapshot: StoredSnapshot) async throws {
        try await pool.execute(
            """
            INSERT INTO \(schema).snapshots (kind, key, version, value, adopted_at) VALUES ($1, $2, $3, $4, now())
            ON CONFLICT (kind, key, version) DO UPDATE SET adopted_at = EXCLUDED.adopted_at
            """,
            [.text(kind), .text(snapshot.key), .text(snapshot.version), .bytes(snapshot.value)])
    }

    /// Remembers that the key was removed on purpose; its former values stay as proof.
    package func remove(kind: String, key: String) async throws {
        try await save(kind: kind, StoredSnapshot(key: key, version: Self.removed, value: []))
    }

    /// The snapshot adopted last for each key of this kind, by key; removed keys are left out.
    package func latest(kind: String) async throws -> [StoredSnapshot] {
        let rows = try await pool.execute(
            """
            SELECT DISTINCT ON (key) key, version, value FROM \(schema).snapshots
            WHERE kind = $1 ORDER BY key, adopted_at DESC
            """, [.text(kind)])
        let snapshots = try rows.map { row in
            let (key, version, value) = try row.decode(String.self, String.self, [UInt8].self)
            return StoredSnapshot(key: key, version: version, value: value)
        }
        return snapshots.filter { $0.version != Self.removed }
    }
}
