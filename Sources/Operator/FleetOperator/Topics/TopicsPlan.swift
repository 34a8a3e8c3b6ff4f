package import Contracts

/// What it takes to make a cluster's topics those of the table. Pure: compares two descriptions.
package struct TopicsPlan: Sendable, Equatable {
    package enum Step: Sendable, Equatable {
        case create(name: String, partitions: Int32, settings: [String: String])
        /// Only settings that differ; every other one stays as the cluster has it.
        case configure(name: String, changes: [Change])
    }

    package struct Change: Sendable, Hashable {
        package var setting: String
        /// `nil` when the cluster doesn't name it.
        package var from: String?
        package var to: String

        package init(setting: String, from: String?, to: String) {
            self.setting = setting
            self.from = from
            self.to = to
        }
    }

    /// A difference that must not be made, with the reason.
    package struct Refusal: Sendable, Hashable {
        package var name: String
        package var reason: String
    }

    /// In the order of the table.
    package var steps: [Step] = []
    package var refusals: [Refusal] = []
    /// Topics whose settings the broker doesn't tell.
    package var unchecked: [String] = []
    /// Topics that are lost with one broker although there are several.
    package var unreplicated: [String] = []

    package var isEmpty: Bool { steps.isEmpty && refusals.isEmpty }

    /// - Parameters:
    ///   - table: what should be.
    ///   - cluster: what is, by name with namespace; topics of others are ignored.
    ///   - replication: copies wanted of each partition; `nil`: as the broker does by default.
    ///   - brokers: how many there are.
    package init(
        table: [Topic], namespace: Namespace, cluster: [String: ClusterTopic], replication: Int32? = nil,
        brokers: Int = 1
    ) {
        for topic in table {
            let name = namespace.topic(topic)
            let wanted = topic.brokerConfiguration
            // One copy may be away without stopping producers, and what is acknowledged is on all the others.
            let durable = replication.map { wanted.merging(["min.insync.replicas": String(max(1, $0 - 1))]) { $1 } }
            guard let present = cluster[name] else {
                steps.append(.create(name: name, partitions: topic.partitions, settings: durable ?? wanted))
                continue
            }
            if brokers > 1, present.replicas == 1 { unreplicated.append(name) }
            if let refusal = Self.refusal(topic, name: name, partitions: present.partitions) {
                refusals.append(refusal)
            }
            guard let settings = present.settings else {
                unchecked.append(name)
                continue
            }
            // A topic with fewer copies than that would take no records any more.
            let hasCopies = (present.replicas ?? 0) >= (replication ?? 0)
            let changes = (hasCopies ? durable ?? wanted : wanted).sorted { $0.key < $1.key }.compactMap { key, value in
                settings[key] == value ? nil : Change(setting: key, from: settings[key], to: value)
            }
            if !changes.isEmpty { steps.append(.configure(name: name, changes: changes)) }
        }
    }

    /// Every topic of the table has keys, so no partition count can be changed in place.
    private static func refusal(_ topic: Topic, name: String, partitions: Int32) -> Refusal? {
        if partitions == topic.partitions { return nil }
        if topic.kind == .configuration {
            return Refusal(
                name: name,
                reason:
                    "has \(partitions) partitions, but a configuration topic has exactly 1: records are read in one order. "
                    + "Delete the topic, run `scrm topics apply`, and apply the configuration files again.")
        }
        if partitions > topic.partitions { return nil }
        return Refusal(
            name: name,
            reason:
                "has \(partitions) partitions, the table says \(topic.partitions). Growing a topic with keys moves keys "
                + "away from the lanes that hold their state, so it is not done in place; workers run with "
                + "\(partitions) as it is.")
    }
}
