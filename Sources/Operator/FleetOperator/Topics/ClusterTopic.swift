/// A topic as a cluster has it.
package struct ClusterTopic: Sendable, Hashable {
    /// With namespace.
    package var name: String
    package var partitions: Int32
    /// Copies of each partition, the fewest of any; `nil` when unknown.
    package var replicas: Int32?
    /// Settings in the broker's words; `nil` when the broker doesn't tell (the development broker answers no admin
    /// requests).
    package var settings: [String: String]?

    package init(name: String, partitions: Int32, replicas: Int32? = nil, settings: [String: String]?) {
        self.name = name
        self.replicas = replicas
        self.partitions = partitions
        self.settings = settings
    }
}
