import Contracts
import WorkerHost

/// The rules in the topic.
struct AppliedRules {
    var key: String
    var version: String
    var configuration: RulesConfiguration

    /// Every corp's, or the given one's, by corp.
    static func all(_ settings: OperatorSettings, corp: String?) async throws -> [AppliedRules] {
        let topic = settings.namespace.topic(RulesFile.topic)
        return try await Cluster.with(settings) { try await $0.values(topic: topic) }
            .filter { corp == nil || $0.key == "\(corp ?? "")/\(RulesFile.kind)" }
            .sorted { $0.key < $1.key }
            .map { key, value in
                do {
                    return AppliedRules(
                        key: key, version: SnapshotVersion.of(value), configuration: try RulesFile.decode(value))
                } catch {
                    throw OperatorFailure(
                        .failure, "The record \(key) of \(topic) can't be read by this scrm.",
                        advice: "Apply the file again with this version.")
                }
            }
    }

    /// The given corp's, or those of the only corp.
    static func one(_ settings: OperatorSettings, corp: String?) async throws -> AppliedRules {
        let all = try await all(settings, corp: corp)
        if let only = all.first, all.count == 1 { return only }
        throw OperatorFailure(
            .usage,
            all.isEmpty
                ? "No rules are applied\(corp.map { " for \($0)" } ?? "")." : "Rules of several corps are applied.",
            advice: all.isEmpty
                ? "Apply some with `scrm rules apply FILE`, or try a file with `scrm rules test --file`."
                : "Say which with --corp ID: \(all.map(\.configuration.corpID).joined(separator: ", ")).")
    }
}
