import CoreMetrics
package import Logging
import Synchronization

/// Where a worker writes down how it is doing; anybody may read it at any time.
package final class WorkerProgress: Sendable {
    private let current = Mutex(WorkerStatus())
    private let metrics: RuntimeMetrics
    private let logger: Logger

    /// - Parameter worker: the `worker` label of the metrics.
    package init(worker: String, logger: Logger) {
        metrics = RuntimeMetrics(worker: worker)
        self.logger = logger
    }

    package var status: WorkerStatus {
        var status = current.withLock { $0 }
        if status.state == .running {
            let waits = status.lanes.sorted { $0.key < $1.key }.flatMap { lane in
                lane.value.announcedWaits.sorted { $0.key < $1.key }.map(\.value)
            }
            status.state = waits.first ?? .running
        }
        return status
    }

    // MARK: The worker

    /// Enters a state and says so in the log, once per change.
    func enter(_ state: WorkerStatus.State) {
        let changed = current.withLock { status -> Bool in
            // What still goes on while draining doesn't change that.
            guard status.state != .draining || state == .stopped else { return false }
            defer { status.state = state }
            return status.state != state
        }
        guard changed else { return }
        switch state {
        case .waitingForStore(let reason):
            logger.warning("waiting for the database", metadata: ["reason": "\(reason)"])
        case .waitingForLog(let reason):
            logger.warning("waiting for the broker", metadata: ["reason": "\(reason)"])
        case .stalled(_, let reason): logger.warning("worker stalled", metadata: ["reason": "\(reason)"])
        default: logger.notice("worker state changed", metadata: ["state": "\(state)"])
        }
    }

    func rebalanced() {
        current.withLock { $0.counts.rebalances += 1 }
        metrics.rebalances.increment()
    }

    // MARK: Its lanes

    func took(_ claim: LaneClaim, again: Bool) {
        current.withLock { status in
            status.lanes[claim.lane] = WorkerStatus.Lane(epoch: claim.epoch)
            if again { status.counts.retakes += 1 }
        }
    }

    func gaveUp(_ lanes: some Sequence<Int32>) {
        current.withLock { status in for lane in lanes { status.lanes[lane] = nil } }
    }

    /// The lane stands still until an operator acts.
    func refused(_ lane: Int32, because reason: String) {
        current.withLock { $0.lanes[lane, default: .init(epoch: 0)].refusal = reason }
        logger.error("lane stopped", metadata: ["lane": "\(lane)", "reason": "\(reason)"])
    }

    /// An activity of the lane waits for the world (`nil`: no longer). Said once per change.
    func announce(_ wait: WorkerStatus.State?, _ activity: WorkerStatus.Activity, lane: Int32) {
        let changed = current.withLock { status -> Bool in
            let before = status.lanes[lane]?.announcedWaits[activity]
            status.lanes[lane]?.announcedWaits[activity] = wait
            return before?.kind != wait?.kind
        }
        guard changed else { return }
        var metadata: Logger.Metadata = ["lane": "\(lane)", "activity": "\(activity)"]
        switch wait {
        case .waitingForStore(let reason):
            metadata["reason"] = "\(reason)"
            logger.warning("lane waits for the database", metadata: metadata)
        case .waitingForLog(let reason):
            metadata["reason"] = "\(reason)"
            logger.warning("lane waits for the broker", metadata: metadata)
        case .stalled(let obstacle, let reason):
            metadata["reason"] = "\(reason)"
            metadata["obstacle"] = "\(obstacle.rawValue)"
            logger.warning("lane waits", metadata: metadata)
        default: logger.notice("lane goes on", metadata: metadata)
        }
    }

    /// What the batch in hand is at now.
    func at(_ step: WorkerStatus.Step?, lane: Int32) {
        current.withLock { $0.lanes[lane]?.step = step }
    }

    /// Who holds the locks that this worker's transactions wait for; `nil` when nobody does.
    package func lockHolders(_ text: String?) {
        current.withLock { $0.lockHolders = text }
    }

    func compareAndSetRefused() {
        current.withLock { $0.counts.refusals += 1 }
        metrics.refusals.increment()
    }

    func attempted() {
        current.withLock { $0.counts.attempts += 1 }
        metrics.attempts.increment()
    }

    /// Records are there for the lane.
    func waits(lane: Int32, now: Duration) {
        current.withLock { status in
            status.lanes[lane]?.isBusy = true
            if status.lanes[lane]?.waitingSince == nil { status.lanes[lane]?.waitingSince = now }
        }
    }

    /// What was there was nothing new.
    func waitsNoMore(lane: Int32) {
        current.withLock { status in
            status.lanes[lane]?.isBusy = false
            status.lanes[lane]?.waitingSince = nil
            status.lanes[lane]?.step = nil
        }
    }

    /// Records are in hand.
    func took(lane: Int32, oldestMilliseconds: Int64?) {
        current.withLock { $0.lanes[lane]?.oldestWaitingMilliseconds = oldestMilliseconds }
    }

    /// A batch, or a part of one, was committed.
    func completed(lane: Int32, tally: BatchTally, took: Duration, now: Duration, nowMilliseconds: Int64) {
        current.withLock { status in
            status.lastCompleted = now
            status.counts.batches += 1
            status.counts.records += tally.records
            status.counts.skipped += tally.skipped
            status.counts.duplicates += tally.duplicates
            status.counts.deadLetters += tally.deadLetters
            status.counts.parked += tally.parked
            status.counts.derived += tally.derived
            status.counts.outbox += tally.outbox
            if var entry = status.lanes[lane] {
                let left = entry.lagRecords.map { max(0, $0 - Int64(tally.records)) }
                entry.lagRecords = left
                entry.isBusy = false
                entry.waitingSince = nil
                entry.step = nil
                entry.oldestWaitingMilliseconds = (left ?? 0) > 0 ? tally.newestMilliseconds : nil
                status.lanes[lane] = entry
            }
        }
        metrics.batches.increment()
        metrics.records.increment(by: tally.records)
        metrics.batchSize.record(tally.records)
        metrics.batchDuration.recordNanoseconds(took.nanoseconds)
        metrics.duplicates.increment(by: tally.duplicates)
        metrics.deadLetters.increment(by: tally.deadLetters)
        metrics.parked.increment(by: tally.parked)
        metrics.lastCommit.record(Double(nowMilliseconds) / 1_000)
    }

    /// Records of the store were processed again.
    func redriven(_ settlement: Settlement, deadLetters: Int, outbox: Int) {
        let count = max(0, settlement.removedLetters.count + settlement.unparked.count - deadLetters)
        current.withLock { status in
            status.counts.redriven += count
            status.counts.deadLetters += deadLetters
            status.counts.outbox += outbox
        }
        metrics.redriven.increment(by: count)
        metrics.deadLetters.increment(by: deadLetters)
    }

    /// An entry of the lane's outbox became a dead letter.
    func putAside(lane: Int32, sequence: Int64, because reason: String) {
        current.withLock { $0.counts.deadLetters += 1 }
        metrics.deadLetters.increment()
        logger.error(
            "an outbox entry was refused by the broker and is kept as a dead letter",
            metadata: ["lane": "\(lane)", "sequence": "\(sequence)", "reason": "\(reason)"])
    }

    /// A lane's distance from the ends of its partitions was measured.
    func measured(lane: Int32, lagRecords: Int64, now: Duration, nowMilliseconds: Int64) {
        let status = current.withLock { status in
            if var entry = status.lanes[lane] {
                let before = entry.lagRecords
                entry.lagRecords = lagRecords
                if lagRecords > 0, let before, lagRecords > before {
                    entry.waitingSince = entry.waitingSince ?? now
                } else if lagRecords == 0 || !entry.isBusy {
                    // The lane is idle and nothing comes: what is left are the markers of a producer's transactions,
                    // which have offsets but are no records.
                    entry.waitingSince = nil
                    if lagRecords == 0 || lagRecords == before { entry.oldestWaitingMilliseconds = nil }
                }
                status.lanes[lane] = entry
            }
            return status
        }
        metrics.lagRecords.record(status.lagRecords ?? 0)
        metrics.lagSeconds.record(Double(status.lagMilliseconds(nowMilliseconds: nowMilliseconds)) / 1_000)
    }

    func spent(_ duration: Duration, _ stage: WorkerStatus.Stage) {
        current.withLock { $0.stages[stage] += duration }
        metrics.stages[stage.rawValue].increment(by: duration.seconds)
    }
}

extension WorkerStatus.State {
    /// What is said once per change.
    fileprivate var kind: Int {
        switch self {
        case .waitingForStore: 1
        case .waitingForLog: 2
        case .stalled(.lock, _): 3
        case .stalled(.peer, _): 4
        case .stalled(.configuration, _): 5
        case .stalled(.parkedFull, _): 6
        case .starting, .running, .draining, .stopped: 0
        }
    }
}

/// What became of the records of one committed transaction.
struct BatchTally: Sendable {
    var records = 0
    var skipped = 0
    var duplicates = 0
    var deadLetters = 0
    var parked = 0
    var derived = 0
    var outbox = 0
    /// Log time of the last record.
    var newestMilliseconds: Int64?
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
    var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
