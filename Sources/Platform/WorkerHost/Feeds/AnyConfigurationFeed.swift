package import ServiceLifecycle

/// What the host needs to know of a ``ConfigurationFeed`` of any type.
package protocol AnyConfigurationFeed: Service {
    /// Word for it in heartbeats, logs and `snapshots.kind`, as `rules`.
    var kind: String { get }
    /// The topic's name with namespace.
    var topic: String { get }
    var isReady: Bool { get }
    /// What is in force, by key.
    var versions: [String: String] { get }
    /// Why it is not ready, in a sentence.
    var waitingFor: String? { get }
}
