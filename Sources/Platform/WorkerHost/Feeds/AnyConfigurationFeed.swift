package import ServiceLifecycle

/// What the host needs to know of a ``ConfigurationFeed`` of any type.
package protocol AnyConfigurationFeed: Service {
    /// Word for it in heartbeats, logs and `snapshots.kind`, as `rules`.
    var kind: String { get }
    /// What is in force: versions by key.
    var versions: [String: String] { get }
    /// Counts the changes of what is in force.
    var generation: Int { get }
    /// Why consumption must not begin yet, in a sentence; `nil` when it may.
    var waitingFor: String? { get }
}
