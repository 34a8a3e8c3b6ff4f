import Contracts
import WorkerHost

/// The plans in the topic.
struct AppliedCampaigns {
    var key: String
    var version: String
    var configuration: CampaignsConfiguration

    /// Every corp's, or the given one's, by corp.
    static func all(_ settings: OperatorSettings, corp: String?) async throws -> [AppliedCampaigns] {
        let topic = settings.namespace.topic(CampaignsFile.topic)
        return try await Cluster.with(settings) { try await $0.values(topic: topic) }
            .filter { corp == nil || $0.key == "\(corp ?? "")/\(CampaignsFile.kind)" }
            .sorted { $0.key < $1.key }
            .map { key, value in
                do {
                    return AppliedCampaigns(
                        key: key, version: SnapshotVersion.of(value), configuration: try CampaignsFile.decode(value))
                } catch {
                    throw OperatorFailure(
                        .failure, "The record \(key) of \(topic) can't be read by this scrm.",
                        advice: "Apply the file again with this version.")
                }
            }
    }
}
