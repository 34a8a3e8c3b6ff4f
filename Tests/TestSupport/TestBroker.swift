package import Contracts
internal import Foundation
package import Kafka
internal import Logging

/// A broker for one test: a real one when `KAFKA_BOOTSTRAP_SERVERS` is set, else a mock cluster in this process.
///
/// Each instance has a namespace of its own, so that tests run in parallel on one real cluster; ``run(_:)`` removes what it created.
package final class TestBroker: Sendable {
    /// Prefixes the topics and groups of this test.
    package let namespace: Namespace
    /// What clients need to connect.
    package let configuration: KafkaConfiguration
    /// For fault injection; `nil` with a real broker.
    package let mock: MockCluster?
    private let admin: KafkaAdmin?

    /// Whether the tests run against a real broker.
    package static var isReal: Bool { realServers != nil }

    private static var realServers: String? {
        ProcessInfo.processInfo.environment["KAFKA_BOOTSTRAP_SERVERS"].flatMap { $0.isEmpty ? nil : $0 }
    }

    package init() throws {
        namespace = Namespace("test-\(UUID().uuidString.prefix(8).lowercased())")
        if let servers = Self.realServers {
            mock = nil
            configuration = KafkaConfiguration(bootstrapServers: servers)
            admin = try KafkaAdmin(configuration, logger: Logger(label: "test-broker"))
        } else {
            let cluster = try MockCluster()
            mock = cluster
            configuration = KafkaConfiguration(bootstrapServers: cluster.bootstrapServers)
            admin = nil
        }
    }

    /// Creates a topic in this test's namespace and returns its whole name.
    @discardableResult
    package func createTopic(_ name: String, partitions: Int32 = 1) async throws -> String {
        let whole = "\(namespace.name).\(name)"
        if let mock {
            try mock.createTopic(whole, partitions: partitions)
        }
        return whole
    }

    /// Creates the fleet's topics in this test's namespace.
    package func createTopics(_ topics: [Topic] = Topics.all) async throws {
        for topic in topics {
            try await createTopic(topic.name, partitions: topic.partitions)
        }
    }
}
