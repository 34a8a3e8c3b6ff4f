/// How a worker is doing, at one moment.
package struct WorkerStatus: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        /// No assignment yet.
        case starting
        /// The database is away; the reason names no data.
        case waitingForStore(reason: String)
        /// The broker is away.
        case waitingForLog(reason: String)
        case running
        /// Finishing what is in hand.
        case draining
        case stopped
    }

    /// A running worker of which a lane waits for the world is said to wait.
    package var state: State = .starting
    /// By lane number: the lanes this worker holds or was refused.
    package var lanes: [Int32: Lane] = [:]
    package var counts = Counts()
    package var stages = Stages()
    /// Uptime at the last completed batch of any lane.
    package var lastCompleted: Duration?

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
        /// What the lane's activities wait for, as far as the world is at fault; keeps liveness green.
        package var announcedWaits: [Activity: State] = [:]

        package init(epoch: Int64) { self.epoch = epoch }
    }

    /// What goes on in a lane at the same time.
    package enum Activity: Int, Sendable, Hashable, Comparable {
        case batches
        /// Work beside the batches.
        case session
        case outbox

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
        /// These lanes have records and complete none.
        case stuck(lanes: [Int32])
    }

    /// Red when a lane's records wait and none has completed for longer than `limit`, unless the lane announced
    /// that it waits for the database or the broker, or was refused.
    /// - Parameter now: uptime of the worker's clock.
    package func liveness(now: Duration, limit: Duration = .seconds(60)) -> Liveness {
        if state == .starting || state == .stopped { return .alive }
        let stuck = lanes.filter { _, lane in
            guard let since = lane.waitingSince, lane.refusal == nil, lane.announcedWaits.isEmpty else { return false }
            return now - since > limit
        }
        return stuck.isEmpty ? .alive : .stuck(lanes: stuck.keys.sorted())
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
