package import Contracts
import WorkerHost

/// Which live copies run a version of a configuration, and which are behind. Pure.
package struct Adoption: Sendable, Equatable {
    package struct Behind: Sendable, Equatable, Encodable {
        package var worker: String
        package var instance: String
        /// The version it runs; `nil` for none yet.
        package var version: String?
        /// What it waits for, said by itself.
        package var waitingFor: String?
    }

    /// Copies that run the version.
    package var current: Int
    package var behind: [Behind]
    /// Workers that use this kind of configuration and have no live copy: they will read it when they start.
    package var absent: [String]

    package var isComplete: Bool { behind.isEmpty }

    /// - Parameters:
    ///   - users: workers that use this kind of configuration.
    ///   - heartbeats: live copies of those workers.
    package init(kind: String, key: String, version: String, users: [Schema], heartbeats: [Heartbeat]) {
        var current = 0
        var behind: [Behind] = []
        for heartbeat in heartbeats where users.contains(heartbeat.schema) {
            let running = heartbeat.status.versions[kind]?[key]
            if running == version {
                current += 1
            } else {
                behind.append(
                    Behind(
                        worker: heartbeat.schema.program, instance: heartbeat.instance, version: running,
                        waitingFor: heartbeat.status.waitingFor))
            }
        }
        self.current = current
        self.behind = behind
        absent = users.filter { user in !heartbeats.contains { $0.schema == user } }.map(\.program)
    }

    package var text: String {
        var lines = [current == 1 ? "1 copy runs it." : "\(current) copies run it."]
        lines += behind.map { copy in
            let version = copy.version.map { "runs version \($0)" } ?? "has none yet"
            return "\(copy.worker) \(copy.instance) \(version)" + (copy.waitingFor.map { ", waits for \($0)" } ?? "")
        }
        if !absent.isEmpty { lines.append("No live copy of \(absent.joined(separator: ", ")).") }
        return lines.joined(separator: "\n")
    }
}
