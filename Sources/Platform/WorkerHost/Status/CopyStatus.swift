import Foundation
import Operations
import Synchronization
import WorkerRuntime

/// How this copy is doing, for health answers and heartbeats.
final class CopyStatus: Sendable {
    private let launch: Launch
    private let progress: WorkerProgress
    private let prerequisites: Prerequisites
    private let feeds: [any AnyConfigurationFeed]
    private let remarks: [String: String]
    private let isStopping = Atomic(false)

    init(
        launch: Launch, progress: WorkerProgress, prerequisites: Prerequisites, feeds: [any AnyConfigurationFeed],
        remarks: [String: String]
    ) {
        self.launch = launch
        self.progress = progress
        self.prerequisites = prerequisites
        self.feeds = feeds
        self.remarks = remarks
    }

    /// From now on ``ready`` is red.
    func stopping() { isStopping.store(true, ordering: .relaxed) }

    /// Red while lanes stand still, and while the configuration that the first record needs is missing for as long.
    var live: Health {
        let (uptime, limit) = (launch.clock.uptime, launch.configuration.stallLimit)
        if let missing = prerequisites.missingConfiguration, uptime - missing.since > limit {
            return .bad("nothing is processed: \(missing.reason)")
        }
        return Readiness.judgeLife(status: progress.status, uptime: uptime, limit: limit)
    }

    /// Why nothing is completed although it should, in a sentence.
    var stall: String? {
        Readiness.stall(
            status: progress.status, uptime: launch.clock.uptime, limit: launch.configuration.stallLimit)
    }

    var ready: Health {
        Readiness.judge(
            isStopping: isStopping.load(ordering: .relaxed), trouble: prerequisites.missing, status: progress.status)
    }

    var report: StatusReport {
        let process = ProcessInfo.processInfo
        var report = StatusReport(
            worker: launch.program, instance: launch.instance, host: process.hostName, pid: process.processIdentifier,
            status: progress.status, waitingFor: prerequisites.missing ?? stall,
            versions: Dictionary(feeds.map { ($0.kind, $0.versions) }) { first, _ in first },
            nowMilliseconds: launch.clock.nowMilliseconds)
        report.remarks = remarks.isEmpty ? nil : remarks
        return report
    }
}
