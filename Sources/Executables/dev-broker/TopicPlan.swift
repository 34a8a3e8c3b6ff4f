import ArgumentParser
import Contracts

/// A topic on the command line.
struct TopicArgument: ExpressibleByArgument {
    var name: String
    var partitions: Int32

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":") else { return nil }
        let name = argument[..<colon]
        guard !name.isEmpty, let partitions = Int32(argument[argument.index(after: colon)...]),
            (1...10_000).contains(partitions)
        else { return nil }
        self.name = String(name)
        self.partitions = partitions
    }
}

/// Which topics the broker has, with how many partitions.
struct TopicPlan {
    private(set) var topics: [(name: String, partitions: Int32)]

    /// - Parameter partitions: replaces the contracts' number for record topics.
    init(namespace: Namespace, partitions: Int32?, additional: [TopicArgument]) {
        var counts: [String: Int32] = [:]
        for topic in Topics.all {
            counts[namespace.topic(topic)] =
                topic.kind == .configuration ? topic.partitions : partitions ?? topic.partitions
        }
        for topic in additional {
            counts[topic.name] = topic.partitions
        }
        topics = counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
