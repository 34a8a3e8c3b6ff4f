import Contracts
import Kafka

extension Cluster {
    /// The topics of a list that exist, with their settings where the broker tells them.
    func topics(_ names: [String]) async throws -> [String: ClusterTopic] {
        let partitions = try await partitions()
        let present = names.filter { partitions[$0] != nil }
        var settings: [String: [TopicSetting]]?
        do {
            settings = try await admin.describeSettings(topics: present)
        } catch let error as KafkaError where error.isUnsupportedByBroker {
            settings = nil
        }
        return Dictionary(
            uniqueKeysWithValues: present.map { name in
                let told = settings?[name].map { list in
                    Dictionary(list.compactMap { entry in entry.value.map { (entry.name, $0) } }) { first, _ in first }
                }
                return (name, ClusterTopic(name: name, partitions: partitions[name] ?? 0, settings: told))
            })
    }

    /// Does one step of a plan.
    func perform(_ step: TopicsPlan.Step) async throws {
        do {
            switch step {
            case .create(let name, let partitions, let settings):
                let errors = try await admin.createTopics([
                    NewTopic(name: name, partitions: partitions, configuration: settings)
                ])
                // Somebody else who applies at the same time made it.
                if let error = errors[name], !error.isTopicAlreadyThere { throw error }
            case .configure(let name, let changes):
                try await admin.alterSettings(
                    topic: name, Dictionary(changes.map { ($0.setting, $0.to) }) { _, last in last })
            }
        } catch let error as KafkaError where error.isUnsupportedByBroker {
            throw OperatorFailure(
                .failure, "This broker can't create or change topics: it answers no admin requests.",
                advice: "dev-broker makes the topics of the table itself when it starts; with --namespace, "
                    + "start it with the same --namespace.")
        }
    }
}
