import Contracts
import Records
import WorkerHost

/// Publishes one configuration set: compares with what is in force, prints what changes, waits for the copies.
struct Apply<File: ConfigurationFile> {
    let settings: OperatorSettings
    let console: Console

    /// What `apply` did; keys of `--json`.
    struct Report: Encodable {
        var kind: String
        var key: String
        var version: String
        var published: Bool
        var changes: [String]
        var summary: String
        var warnings: [String]
        /// Only with `--wait`.
        var current: Int?
        var behind: [Adoption.Behind]?
        var absent: [String]?
    }

    func run(_ value: File.Value, dryRun: Bool, wait: Duration?) async throws {
        let bytes = try File.encode(value)
        guard bytes.count <= ValueSize.maximumBytes else {
            throw OperatorFailure(
                .usage, "The set is too large: \(bytes.count) bytes, at most \(ValueSize.maximumBytes) are possible.",
                advice: "Split it by corp, or remove words nobody needs.")
        }
        let key = File.key(of: value)
        var report = Report(
            kind: File.kind, key: key, version: SnapshotVersion.of(bytes), published: false, changes: [],
            summary: File.summary(value), warnings: [])
        try await Cluster.with(settings) { cluster in
            let topic = settings.namespace.topic(File.topic)
            report.warnings = try await check(value, on: cluster)
            let present = try await cluster.latest(topic: topic, key: key)
            report.changes = changes(from: present, to: value)
            guard present != bytes, !dryRun else { return }
            try await cluster.publish(
                [OutgoingRecord(topic: topic, partition: 0, key: Array(key.utf8), value: bytes)],
                properties: ["compression.type": "zstd"])
            report.published = true
        }
        guard let wait, !dryRun else {
            try console.report(report, text: text(report, dryRun: dryRun))
            return
        }
        let adoption = try await adoption(of: report, timeout: wait)
        (report.current, report.behind, report.absent) = (adoption.current, adoption.behind, adoption.absent)
        try console.report(report, text: text(report, dryRun: false) + "\n" + adoption.text)
        if !adoption.isComplete { throw Outcome.notReached }
    }

    /// Says what is odd.
    /// - Throws: ``OperatorFailure`` with every fault.
    private func check(_ value: File.Value, on cluster: Cluster) async throws -> [String] {
        let corps = try await cluster.latest(
            topic: settings.namespace.topic(CorpsFile.topic), key: "*/\(CorpsFile.kind)")
        let findings = File.findings(value, corps: try corps.map(CorpsFile.decode))
        guard findings.faults.isEmpty else {
            throw OperatorFailure(
                .usage, findings.faults.joined(separator: "\n"),
                advice: "Correct the file, or add what is missing with `scrm corps apply`. Nothing was published.")
        }
        if !console.json { for warning in findings.warnings { console.note("warning: \(warning)") } }
        return findings.warnings
    }

    private func changes(from present: [UInt8]?, to value: File.Value) -> [String] {
        guard let present else { return File.changes(from: nil, to: value) }
        // What stands there may be of another version of scrm; then everything counts as new.
        let old = try? File.decode(present)
        return (old == nil ? ["! what is in the topic can't be read and is replaced"] : [])
            + File.changes(from: old, to: value)
    }

    private func text(_ report: Report, dryRun: Bool) -> String {
        let state =
            report.published
            ? "published"
            : dryRun && !report.changes.isEmpty ? "not published (--dry-run)" : "unchanged, nothing published"
        return (report.changes + ["\(report.key) \(state), version \(report.version): \(report.summary)"])
            .joined(separator: "\n")
    }

    private func adoption(of report: Report, timeout: Duration) async throws -> Adoption {
        try await FleetDatabases.with(settings) { databases in
            func look() async throws -> Adoption {
                var heartbeats: [Heartbeat] = []
                for user in File.users { heartbeats += try await Heartbeat.live(user, databases) }
                return Adoption(
                    kind: report.kind, key: report.key, version: report.version, users: File.users,
                    heartbeats: heartbeats)
            }
            let reached = try await Waiting(timeout: timeout).first { () -> Adoption? in
                let adoption = try await look()
                console.progress("\(adoption.current) copies run it, \(adoption.behind.count) are behind")
                return adoption.isComplete ? adoption : nil
            }
            console.endProgress()
            if let reached { return reached }
            return try await look()
        }
    }
}
