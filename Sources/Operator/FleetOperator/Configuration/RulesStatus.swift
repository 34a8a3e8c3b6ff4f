import Contracts
import WorkerHost

/// Which live copy runs which version of each corp's rules. Pure.
package struct RulesStatus: Sendable, Equatable, Encodable {
    /// What the topic holds of one corp.
    package struct Applied: Sendable, Equatable, Encodable {
        package var key: String
        package var version: String
        package var summary: String

        package init(key: String, version: String, summary: String) {
            self.key = key
            self.version = version
            self.summary = summary
        }
    }

    /// One copy and one corp.
    package struct Copy: Sendable, Equatable, Encodable {
        package var worker: String
        package var instance: String
        package var key: String
        /// `nil` for none yet.
        package var version: String?
        package var isCurrent: Bool
        /// Seconds since it said so.
        package var ageSeconds: Double
        /// What it waits for, said by itself.
        package var waitingFor: String?
    }

    package var applied: [Applied]
    package var copies: [Copy]

    /// - Parameter kind: of the rules, as in heartbeats.
    package init(kind: String = RulesFile.kind, applied: [Applied], heartbeats: [Heartbeat]) {
        self.applied = applied
        copies = heartbeats.flatMap { heartbeat in
            applied.map { set in
                let version = heartbeat.status.versions[kind]?[set.key]
                return Copy(
                    worker: heartbeat.schema.program, instance: heartbeat.instance, key: set.key, version: version,
                    isCurrent: version == set.version, ageSeconds: heartbeat.ageSeconds,
                    waitingFor: heartbeat.status.waitingFor)
            }
        }
    }

    package var isCurrent: Bool { copies.allSatisfy(\.isCurrent) }

    package var text: String {
        guard !applied.isEmpty else { return "No rules are applied." }
        var lines = applied.map { "\($0.key) version \($0.version): \($0.summary)" }
        if copies.isEmpty { lines.append("No live copy runs them.") }
        lines += copies.map { copy in
            "\(copy.worker) \(copy.instance) \(copy.key) "
                + (copy.isCurrent ? "runs it" : copy.version.map { "runs \($0)" } ?? "has none yet")
                + (copy.waitingFor.map { ", waits for \($0)" } ?? "")
        }
        return lines.joined(separator: "\n")
    }
}
