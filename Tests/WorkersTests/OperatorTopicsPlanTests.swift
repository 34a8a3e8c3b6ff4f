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

    @Test func settingsTheBrokerDoesNotTellAreNamedAsUnchecked() {
        var present = cluster(table)
        present[Topics.rules.name]?.settings = nil
        let plan = plan(present)
        #expect(plan.isEmpty)
        #expect(plan.unchecked == ["config.rules.v1"])
    }
}
