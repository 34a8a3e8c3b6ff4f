import Contracts
import FleetOperator
import Testing

struct OperatorTopicsPlanTests {
    private let table = [Topics.chatRaw, Topics.rules]

    private func cluster(_ topics: [Topic], namespace: Namespace = Namespace()) -> [String: ClusterTopic] {
        Dictionary(
            uniqueKeysWithValues: topics.map {
                let name = namespace.topic($0)
                return (name, ClusterTopic(name: name, partitions: $0.partitions, settings: $0.brokerConfiguration))
            })
    }

    private func plan(_ cluster: [String: ClusterTopic]) -> TopicsPlan {
        TopicsPlan(table: table, namespace: Namespace(), cluster: cluster)
    }

    @Test func anEmptyClusterGetsEveryTopicOfTheTable() {
        let plan = plan([:])
        #expect(
            plan.steps
                == table.map { .create(name: $0.name, partitions: $0.partitions, settings: $0.brokerConfiguration) })
        #expect(plan.refusals.isEmpty)
    }

    @Test func aClusterLikeTheTableNeedsNothing() {
        #expect(plan(cluster(table)).isEmpty)
        #expect(plan(cluster(table)).lines.isEmpty)
    }

    @Test func namesCarryTheNamespace() {
        let staging = Namespace("staging")
        let plan = TopicsPlan(table: table, namespace: staging, cluster: cluster(table))
        #expect(plan.steps.count == 2)
        #expect(TopicsPlan(table: table, namespace: staging, cluster: cluster(table, namespace: staging)).isEmpty)
    }

    @Test func onlyDifferingSettingsAreChanged() {
        var present = cluster(table)
        present[Topics.chatRaw.name]?.settings?["retention.ms"] = "1000"
        present[Topics.chatRaw.name]?.settings?["compression.type"] = "lz4"
        #expect(
            plan(present).steps == [
                .configure(
                    name: "chat.raw.v1", changes: [.init(setting: "retention.ms", from: "1000", to: "604800000")])
            ])
        #expect(plan(present).lines == ["~ chat.raw.v1 retention.ms 1000 → 604800000"])
    }

    @Test func fewerPartitionsThanTheTableAreRefusedWithTheReason() {
        var present = cluster(table)
        present[Topics.chatRaw.name]?.partitions = 3
        let plan = plan(present)
        #expect(plan.steps.isEmpty)
        #expect(plan.refusals.map(\.name) == ["chat.raw.v1"])
        #expect(plan.lines.first?.contains("moves keys") == true)
    }

    @Test func moreDataPartitionsThanTheTableAreTheClustersOwnDecision() {
        var present = cluster(table)
        present[Topics.chatRaw.name]?.partitions = 96
        #expect(plan(present).isEmpty)
    }

    @Test func aConfigurationTopicWithTwoPartitionsIsRefused() {
        var present = cluster(table)
        present[Topics.rules.name]?.partitions = 2
        #expect(plan(present).refusals.map(\.name) == ["config.rules.v1"])
    }

    @Test func aReplicationFactorSetsHowManyCopiesMustHaveARecord() {
        func replicas(_ count: Int32?) -> [String: ClusterTopic] {
            cluster(table).mapValues { topic in
                var topic = topic
                topic.replicas = count
                return topic
            }
        }
        func plan(_ cluster: [String: ClusterTopic], _ replication: Int32?, brokers: Int) -> TopicsPlan {
            TopicsPlan(
                table: table, namespace: Namespace(), cluster: cluster, replication: replication, brokers: brokers)
        }
        for (factor, expected) in [(1, "1"), (2, "1"), (3, "2")] as [(Int32, String)] {
            guard case .create(_, _, let settings)? = plan([:], factor, brokers: 3).steps.first else {
                Issue.record("nothing is created")
                continue
            }
            #expect(settings["min.insync.replicas"] == expected)
        }
        let change = TopicsPlan.Change(setting: "min.insync.replicas", from: nil, to: "2")
        #expect(
            plan(replicas(3), 3, brokers: 3).steps == table.map { .configure(name: $0.name, changes: [change]) })
        // With one copy nobody could write any more.
        let single = plan(replicas(1), 3, brokers: 3)
        #expect(single.steps.isEmpty)
        #expect(single.unreplicated == table.map(\.name))
        #expect(single.lines.count == 2)
        #expect(plan(replicas(1), nil, brokers: 1).lines.isEmpty)
    }

    @Test func settingsTheBrokerDoesNotTellAreNamedAsUnchecked() {
        var present = cluster(table)
        present[Topics.rules.name]?.settings = nil
        let plan = plan(present)
        #expect(plan.isEmpty)
        #expect(plan.unchecked == ["config.rules.v1"])
    }
}
