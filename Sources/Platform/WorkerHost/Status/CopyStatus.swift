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
    private let isStopping = Atomic(false)

    init(launch: Launch, progress: WorkerProgress, prerequisites: Prerequisites, feeds: [any AnyConfigurationFeed]) {
        self.launch = launch
        self.progress = progress
        self.prerequisites = prerequisites
        self.feeds = feeds
    }

    /// From now on ``ready`` is red.
    func stopping() { isStopping.store(true, ordering: .relaxed) }

    var live: Health { Readiness.judgeLife(status: progress.status, uptime: launch.clock.uptime) }

    var ready: Health {
        Readiness.judge(
            isStopping: isStopping.load(ordering: .relaxed), trouble: prerequisites.missing, status: progress.status)
    }

    var report: StatusReport {
        let process = ProcessInfo.processInfo
        return StatusReport(
            worker: launch.program, instance: launch.instance, host: process.hostName, pid: process.processIdentifier,
            status: progress.status, waitingFor: prerequisites.missing,
            versions: Dictionary(feeds.map { ($0.kind, $0.versions) }) { first, _ in first },
            nowMilliseconds: launch.clock.nowMilliseconds)
    }
}
