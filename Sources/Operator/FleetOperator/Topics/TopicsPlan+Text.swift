extension TopicsPlan {
    /// One line per step, refusal and unchecked topic; empty when the cluster is as the table says.
    package var lines: [String] {
        steps.map(\.line)
            + refusals.map { "! \($0.name) \($0.reason)" }
            + (unchecked.isEmpty
                ? []
                : [
                    "? settings of \(unchecked.joined(separator: ", ")) not checked: the broker answers no admin requests"
                ])
            + unreplicated.map {
                "! \($0) has 1 replica on a cluster of several brokers: it stops, and its records are lost, with that "
                    + "broker. Reassign it (kafka-reassign-partitions), or delete it while it is empty and run "
                    + "`scrm topics apply --replication-factor 3`."
            }
    }
}

extension TopicsPlan.Step {
    package var line: String {
        switch self {
        case .create(let name, let partitions, let settings):
            let pairs = settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            return "+ \(name) with \(partitions) partition\(partitions == 1 ? "" : "s"), \(pairs)"
        case .configure(let name, let changes):
            let pairs = changes.map { "\($0.setting) \($0.from ?? "unset") → \($0.to)" }.joined(separator: ", ")
            return "~ \(name) \(pairs)"
        }
    }
}
