/// How a worker is doing, at one moment.
package struct WorkerStatus: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        /// No assignment yet.
        case starting
        /// The database is away; the reason names no data.
        case waitingForStore(reason: String)
        /// The broker is away.
        case waitingForLog(reason: String)
        /// Database and broker are there, but something else is in the way.
        case stalled(Obstacle, reason: String)
        case running
        /// Finishing what is in hand.
        case draining
        case stopped
    }

    /// What a stalled lane waits for.
    package enum Obstacle: String, Sendable, Equatable {
        /// A lock in the database that somebody else holds.
        case lock
        /// Somebody who answers too slowly.
        case peer
        case configuration
        /// An operator: as much is parked as may be.
        case parkedFull = "parked_full"
    }

    /// A running worker of which a lane waits for the world is said to wait.
    package var state: State = .starting
    /// By lane number: the lanes this worker holds or was refused.
    package var lanes: [Int32: Lane] = [:]
    package var counts = Counts()
    package var stages = Stages()
    /// Uptime at the last completed batch of any lane.
    package var lastCompleted: Duration?
    /// Who holds the locks that this worker's transactions wait for, as last seen.
    package var lockHolders: String?

    package struct Lane: Sendable, Equatable {
        package var epoch: Int64
        /// Records between the stored offsets and the ends of the partitions; `nil` before the first measurement.
        package var lagRecords: Int64?
        /// Log time (milliseconds UTC) of the oldest record that waits: the first of the batch in hand, or else the last
        /// one processed when more are known to follow. `nil` when nothing waits.
        package var oldestWaitingMilliseconds: Int64?
        /// Uptime since when a batch has been in hand, or records have been coming, without any batch completing.
        package var waitingSince: Duration?
        /// Records are there for the lane, or in its hands, and no batch has completed since.
        package var isBusy = false
        /// Why this lane is not processed until an operator acts, such as lost records.
        package var refusal: String?
        /// What the batch in hand is at.
        package var step: Step?
        /// What the lane's activities wait for, as far as the world is at fault.
        package var announcedWaits: [Activity: State] = [:]

        package init(epoch: Int64) { self.epoch = epoch }
    }

    /// What a batch goes through, as far as it may take long.
    package enum Step: Sendable, Equatable {
        /// The lane's outbox must be acknowledged first.
        case outbox
        /// Others have the places for batches and transactions.
        case turn
        case deciding
        case database
        case publishing
    }

    /// What goes on in a lane at the same time.
    package enum Activity: Int, Sendable, Hashable, Comparable {
        case batches
        /// Work beside the batches.
        case session
        case outbox
        /// Making room for parked records.
        case parking

        package static func < (left: Activity, right: Activity) -> Bool { left.rawValue < right.rawValue }
    }

    /// Totals since the start of the process.
    package struct Counts: Sendable, Equatable {
        package var records = 0
        package var batches = 0
        package var attempts = 0
        package var skipped = 0
        package var duplicates = 0
        package var deadLetters = 0
        /// Records kept behind a parked key.
        package var parked = 0
        /// Dead letters and parked records that were processed again.
        package var redriven = 0
        package var derived = 0
        package var outbox = 0
        package var rebalances = 0
        package var refusals = 0
        package var retakes = 0
    }

    /// What a lane is doing with its time.
    package enum Stage: Int, Sendable, CaseIterable {
        /// Asking the log for records; mostly idle time when the lane keeps up.
        case polling
        /// Decoding and the handler's `decide`.
        case deciding
        /// The transaction, without `publishing`.
        case database
        /// Derived records on their way, inside the transaction.
        case publishing
        /// Back-off, a full outbox, the lane's queue, a free connection.
        case waiting
    }

    /// Where the time of all lanes together went.
    package struct Stages: Sendable, Equatable {
        private var spent = [Duration](repeating: .zero, count: Stage.allCases.count)

        package subscript(stage: Stage) -> Duration {
            get { spent[stage.rawValue] }
            set { spent[stage.rawValue] = newValue }
        }
    }

    package init() {}

    package enum Liveness: Sendable, Equatable {
        case alive
        /// These lanes have records and complete none, because of this.
        case stuck(lanes: [Int32], reason: String)
    }

    /// Red when a lane's records wait and none has completed for longer than `limit`, unless the lane announced
    /// that the database or the broker is away, or was refused.
    /// - Parameter now: uptime of the worker's clock.
    package func liveness(now: Duration, limit: Duration = .seconds(60)) -> Liveness {
        if state == .starting || state == .stopped { return .alive }
        let stuck = lanes.filter { _, lane in
            guard let since = lane.waitingSince, lane.refusal == nil, !lane.isCutOff else { return false }
            return now - since > limit
        }
        if stuck.isEmpty { return .alive }
        let inOrder = stuck.sorted { $0.key < $1.key }.map(\.value)
        // Who waits for his turn waits for what the others wait for.
        let first = inOrder.filter { $0.step != .turn }
        var reasons: [String] = []
        for lane in first.isEmpty ? inOrder : first {
            let reason = lane.obstacle(lockHolders: lockHolders)
            if !reasons.contains(reason) { reasons.append(reason) }
        }
        return .stuck(lanes: stuck.keys.sorted(), reason: reasons.joined(separator: "; "))
    }

    /// Records that wait, over all lanes; `nil` when no lane has been measured.
    package var lagRecords: Int64? {
        let measured = lanes.values.compactMap(\.lagRecords)
        return measured.isEmpty ? nil : measured.reduce(0, +)
    }

    /// Age of the oldest record that waits, in milliseconds; 0 when none does.
    package func lagMilliseconds(nowMilliseconds: Int64) -> Int64 {
        guard let oldest = lanes.values.compactMap(\.oldestWaitingMilliseconds).min() else { return 0 }
        return max(0, nowMilliseconds - oldest)
    }
}

extension WorkerStatus.Lane {
    /// Database or broker are away: restarting the worker would not help.
    fileprivate var isCutOff: Bool {
        announcedWaits.values.contains { wait in
            switch wait {
            case .waitingForStore, .waitingForLog: true
            default: false
            }
        }
    }

    /// What keeps the lane from completing anything, in a few words.
    fileprivate func obstacle(lockHolders: String?) -> String {
        let announced = announcedWaits.sorted { $0.key < $1.key }.compactMap { _, wait -> String? in
            guard case .stalled(let obstacle, let reason) = wait else { return nil }
            if obstacle == .lock, let lockHolders { return "a database lock: \(lockHolders)" }
            return reason
        }
        if let first = announced.first { return first }
        return switch step {
        case .outbox: "the outbox is full: the broker does not acknowledge what was published"
        case .turn: "the other lanes' batches"
        case .deciding: "the handler's decision"
        case .database:
            lockHolders.map { "a database lock: \($0)" } ?? "the database, which does not finish a statement"
        case .publishing: "the broker, which does not acknowledge what was published"
        case nil: "records of the broker"
        }
    }
}
