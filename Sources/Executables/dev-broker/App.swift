import ArgumentParser
import Contracts
import Kafka

/// A Kafka broker in one small program, for laptops and tests.
@main
struct App: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev-broker",
        abstract: "A Kafka broker for laptops and tests: librdkafka's mock cluster as a program.",
        discussion: """
            Creates the fleet's topics and listens on a port of its own choice on this machine, until SIGTERM or \
            SIGINT (exit code 0). Example:

              dev-broker --file /tmp/broker --partitions 12 &
              kcat -b "$(cat /tmp/broker)" -L

            It keeps about 5 MB (or 100,000 records) per partition and forgets everything when it ends. It answers no \
            admin requests, does not compact and ignores static membership. A topic that nobody named here gets 4 \
            partitions when it is first used: name your own with --topic. For anything that must last, use a real Kafka.

            With --obey it takes orders from standard input, one a line, to show what programs do when a broker fails:

            \(BrokerOrder.help)
            """)

    @Option(help: "Write the bootstrap address to this file once the broker answers; removed at the end.")
    var file: String?

    @Option(help: "Number of partitions of the fleet's record topics (configuration topics always have 1).")
    var partitions: Int32?

    @Option(help: "Prefix of the fleet's topics.")
    var namespace: String = ""

    @Option(name: .customLong("topic"), help: "Another topic, as NAME:PARTITIONS. Repeatable.")
    var topics: [TopicArgument] = []

    @Flag(help: "End when the process that started this one has ended.")
    var withParent = false

    @Flag(help: "Take orders from standard input: see above.")
    var obey = false

    @Flag(help: "Print one JSON object about the broker at the start.")
    var json = false

    func validate() throws {
        if let partitions, !(1...10_000).contains(partitions) {
            throw ValidationError("--partitions must be between 1 and 10000")
        }
    }

    func run() async throws {
        // Before anything that takes time: a parent that ends meanwhile must be noticed too.
        let ending = Ending(withParent: withParent)
        let cluster = try MockCluster()
        let plan = TopicPlan(namespace: Namespace(namespace), partitions: partitions, additional: topics)
        for (name, partitions) in plan.topics {
            try cluster.createTopic(name, partitions: partitions)
        }
        let announcement = Announcement(bootstrapServers: cluster.bootstrapServers, topics: plan.topics)
        let file = try file.map { try AddressFile(path: $0, address: cluster.bootstrapServers) }
        announcement.print(asJSON: json)
        let orders = obey ? BrokerOrders(cluster) : nil
        await ending.wait()
        file?.remove()
        withExtendedLifetime((cluster, orders)) {}
    }
}
