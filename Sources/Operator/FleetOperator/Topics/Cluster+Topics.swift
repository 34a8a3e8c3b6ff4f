import Contracts
import Kafka

extension Cluster {
    /// The topics of a list that exist, with their settings where the broker tells them.
    func topics(_ names: [String]) async throws -> [String: ClusterTopic] {
        let metadata = try await admin.metadata()
        let partitions = metadata.partitions
        let present = names.filter { partitions[$0] != nil }
        var settings: [String: [TopicSetting]]?
        // librdkafka's mock cluster lets admin requests run into their time-out instead of refusing them.
        if !Self.isMock(metadata) {
            do {
                settings = try await admin.describeSettings(topics: present)
            } catch let error as KafkaError where error.isUnsupportedByBroker {
                settings = nil
            }
        }
        return Dictionary(
            uniqueKeysWithValues: present.map { name in
                let told = settings?[name].map { list in
                    Dictionary(list.compactMap { entry in entry.value.map { (entry.name, $0) } }) { first, _ in first }
                }
                return (
                    name,
                    ClusterTopic(
                        name: name, partitions: partitions[name] ?? 0, replicas: metadata.replicas[name], settings: told
                    )
                )
            })
    }

    func brokers() async throws -> Int { try await admin.metadata().brokers.count }

    /// Does one step of a plan.
    /// - Parameter replication: copies of each partition of a new topic; `nil`: the broker's default.
    func perform(_ step: TopicsPlan.Step, replication: Int32?) async throws {
        guard try await !Self.isMock(admin.metadata()) else { throw Self.refusesAdmin }
        do {
            switch step {
            case .create(let name, let partitions, let settings):
                let errors = try await admin.createTopics([
                    NewTopic(
                        name: name, partitions: partitions, replicationFactor: replication ?? -1,
                        configuration: settings)
                ])
                // Somebody else who applies at the same time made it.
                if let error = errors[name], !error.isTopicAlreadyThere { throw error }
            case .configure(let name, let changes):
                try await admin.alterSettings(
                    topic: name, Dictionary(changes.map { ($0.setting, $0.to) }) { _, last in last })
            }
        } catch let error as KafkaError where error.isUnsupportedByBroker {
            throw Self.refusesAdmin
        }
    }

    private static func isMock(_ metadata: KafkaMetadata) -> Bool {
        metadata.clusterID?.hasPrefix("mockCluster") ?? false
    }

    private static var refusesAdmin: OperatorFailure {
        OperatorFailure(
            .failure, "This broker can't create or change topics: it answers no admin requests.",
            advice:
                "dev-broker makes the topics of the table itself when it starts; for another namespace, start it with "
                + "the same --namespace.")
    }
}
