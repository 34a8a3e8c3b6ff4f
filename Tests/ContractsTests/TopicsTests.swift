import Contracts
import Testing

@Suite("Contracts: topics")
struct TopicsTests {
    private static let programs = Schema.allCases.map(\.program)
    /// Who stands at the doors: the operator's tool and the customer's systems.
    private static let outside = [
        "scrm", "scrm ingest", "scrm alerts", "scrm alerts test", "scrm events ingest", "shop systems", "your puller",
    ]
    private static let configuration = Topics.all.filter { $0.kind == .configuration }

    @Test func namesAreUnique() {
        #expect(Set(Topics.all.map(\.name)).count == Topics.all.count)
    }

    @Test(arguments: Topics.all)
    func aNameEndsInItsVersion(topic: Topic) {
        #expect(topic.name.wholeMatch(of: /[a-z]+([.-][a-z]+)*\.v[1-9][0-9]*/) != nil)
    }

    /// Records of one key must meet in one lane, whichever topic they come by or leave through.
    @Test(arguments: programs)
    func theKeyedTopicsOfAWorkerHaveTheSamePartitions(program: String) {
        let topics = Topics.all.filter { topic in
            topic.kind != .configuration && (topic.consumers + topic.producers).contains(program)
        }
        #expect(!topics.isEmpty)
        #expect(Set(topics.map(\.partitions)).count == 1)
    }

    @Test(arguments: configuration)
    func configurationIsKeptWholeInOnePartition(topic: Topic) {
        #expect(topic.partitions == 1)
        #expect(
            topic.brokerConfiguration == ["cleanup.policy": "compact", "max.message.bytes": String(16 * 1024 * 1024)])
    }

    @Test(arguments: Topics.all.filter { $0.kind != .configuration })
    func eventsAreDeletedWhenTheirTimeIsUp(topic: Topic) throws {
        let hours = try #require(topic.retentionHours)
        #expect(hours > 0)
        #expect(topic.brokerConfiguration["cleanup.policy"] == "delete")
        #expect(topic.brokerConfiguration["retention.ms"] == String(hours * 60 * 60 * 1000))
        #expect(topic.brokerConfiguration["max.message.bytes"] == String(topic.maximumMessageBytes))
    }

    @Test(arguments: Topics.all)
    func everybodyOnEitherSideIsKnown(topic: Topic) {
        #expect(!topic.producers.isEmpty)
        #expect(Set(topic.producers).subtracting(Self.programs + Self.outside).isEmpty)
        #expect(Set(topic.consumers).subtracting(Self.programs).isEmpty)
    }

    /// A derived record is numbered by the offset of the record it came from, so one worker alone may write it.
    @Test(arguments: Topics.all.filter { $0.kind == .derived })
    func aDerivedTopicHasOneProducer(topic: Topic) {
        #expect(topic.producers.count == 1)
    }

    @Test func everyWorkerHasItsOwnSchemaAndRole() {
        #expect(
            Set(Self.programs) == [
                Programs.archiveIngest, Programs.sensitiveWordMonitor, Programs.alertNotifier, Programs.tagScorer,
                Programs.campaignDispatcher,
            ])
        #expect(Set(Schema.allCases.map(\.role)).count == Schema.allCases.count)
    }

    @Test(arguments: [
        ("", "chat.raw.v1", "archive-ingest"), ("staging", "staging.chat.raw.v1", "staging.archive-ingest"),
        ("east.staging", "east.staging.chat.raw.v1", "east.staging.archive-ingest"),
    ])
    func aNamespaceIsPrefixedToTopicsAndGroups(name: String, topic: String, group: String) {
        let namespace = Namespace(name)
        #expect(namespace.topic(Topics.chatRaw) == topic)
        #expect(namespace.group(Programs.archiveIngest) == group)
    }
}
