/// Prefixes every topic and consumer group, so that several fleets can share one cluster.
package struct Namespace: Sendable, Hashable {
    /// Empty for none; otherwise prepended with a dot: `staging` gives `staging.chat.raw.v1`.
    package var name: String

    package init(_ name: String = "") { self.name = name }

    package func topic(_ topic: Topic) -> String { prefixed(topic.name) }

    package func group(_ program: String) -> String { prefixed(program) }

    private func prefixed(_ text: String) -> String { name.isEmpty ? text : "\(name).\(text)" }
}
