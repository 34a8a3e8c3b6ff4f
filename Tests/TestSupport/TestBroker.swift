package import Contracts
internal import Foundation
package import Kafka
internal import Logging
internal import Synchronization

/// A broker for one test: a real one when `KAFKA_BOOTSTRAP_SERVERS` is set, else a mock cluster in this process.
///
/// Each instance has a namespace of its own, so that tests run in parallel on one real cluster.
package final class TestBroker: Sendable {
    /// Prefixes the topics and groups of this test.
    package let namespace: Namespace
    /// What clients need to connect.
    package let configuration: KafkaConfiguration
    /// For fault injection; `nil` with a real broker.
    package let mock: MockCluster?
    private let admin: KafkaAdmin?
    private let created = Mutex<[String]>([])

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
            admin = try KafkaAdmin(configuration, timeout: Patience.limit, logger: Logger(label: "test-broker"))
        } else {
            let cluster = try MockCluster()
            mock = cluster
            configuration = KafkaConfiguration(bootstrapServers: cluster.bootstrapServers)
            admin = nil
        }
    }

    /// Creates a topic in this test's namespace and returns its whole name.
    @discardableResult
    package func createTopic(
        _ name: String, partitions: Int32 = 1, maximumMessageBytes: Int = 1_048_576
    ) async throws -> String {
        let whole = prefixed(name)
        if let mock {
            try mock.createTopic(whole, partitions: partitions)
        } else if let admin {
            let topic = NewTopic(
                name: whole, partitions: partitions,
                configuration: ["max.message.bytes": String(maximumMessageBytes)])
            if let error = try await admin.createTopics([topic])[whole] { throw error }
            created.withLock { $0.append(whole) }
            try await eventually("topic \(whole)") { try await admin.metadata().partitions[whole] == partitions }
        }
        return whole
    }

    /// The name of a topic or group in this test's namespace.
    package func prefixed(_ name: String) -> String { "\(namespace.name).\(name)" }

    /// Creates the fleet's topics in this test's namespace.
    package func createTopics(_ topics: [Topic] = Topics.all) async throws {
        for topic in topics {
            try await createTopic(
                topic.name, partitions: topic.partitions, maximumMessageBytes: topic.maximumMessageBytes)
        }
    }

    /// Removes what was created on a real broker. A mock cluster goes with the object.
    package func remove() async {
        guard let admin else { return }
        // What can't be removed stays under a name nobody uses again.
        _ = try? await admin.deleteTopics(created.withLock { $0 })
        await admin.close()
    }
}
