/// Where a worker stands, from the heartbeats of its copies and the watermarks of its topics.
package struct WorkerLoad: Sendable, Equatable {
    package var worker: String
    /// Copies whose heartbeat is fresh.
    package var copies: Int
    /// Lanes there are: more copies than this have nothing to do.
    package var partitions: Int
    /// Records behind the ends of its topics; `nil` when the broker or the database did not tell.
    package var lagRecords: Int64?
    /// Age of the oldest record that waits; `nil` when unknown.
    package var lagSeconds: Double?
    /// Share of the copies' recent time in each stage, 0–1, by name: `polling`, `deciding`, `database`, `publishing`,
    /// `waiting`. Empty when no copy told.
    package var shares: [Stage: Double]
    /// What the copies wait for, said by themselves (database away, no snapshot).
    package var waitingFor: [String]

    package enum Stage: String, Sendable, Hashable, CaseIterable {
        case polling
        case deciding
        case database
        case publishing
        case waiting
    }

    package init(
        worker: String, copies: Int, partitions: Int, lagRecords: Int64?, lagSeconds: Double?,
        shares: [Stage: Double] = [:], waitingFor: [String] = []
    ) {
        self.worker = worker
        self.copies = copies
        self.partitions = partitions
        self.lagRecords = lagRecords
        self.lagSeconds = lagSeconds
        self.shares = shares
        self.waitingFor = waitingFor
    }
}

/// Whether more copies of a worker would help, in one sentence with its reason. Pure.
package enum ScalingAdvice {
    /// Behind by less than this is keeping up: one batch is always under way.
    package static let tolerableSeconds = 5.0

    package static func sentence(_ load: WorkerLoad) -> String {
        if load.copies == 0 {
            return (load.lagRecords ?? 0) > 0
                ? "No copy is running and \(load.lagRecords ?? 0) records wait: start one."
                : "No copy is running."
        }
        if let obstacle = load.waitingFor.first {
            return "More copies would not help: it waits for \(obstacle)."
        }
        guard let records = load.lagRecords else { return "Its lag is unknown, so no advice." }
        if records == 0 || (load.lagSeconds ?? .infinity) < tolerableSeconds {
            return "It keeps up; more copies would change nothing."
        }
        if load.copies >= load.partitions {
            return
                "It is behind, but each of the \(load.partitions) partitions has a copy of its own already; more would be idle."
        }
        let busy = load.shares.filter { $0.key != .waiting && $0.key != .polling }
        let working = busy.values.reduce(0, +)
        guard let (stage, share) = busy.max(by: { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }),
            working > 0.05
        else {
            return "It is behind but hardly working; look at its log before adding copies."
        }
        let percent = "\(Int((share * 100).rounded())) %"
        let room = "up to \(load.partitions) copies have work"
        return switch stage {
        case .deciding:
            "More copies would help: deciding takes \(percent) of its time (\(room))."
        case .database where share >= 0.5 && load.copies > 1:
            "More copies would mostly load the database, which takes \(percent) of the time of \(load.copies) copies; "
                + "look at PostgreSQL first."
        case .database:
            "Another copy would help while PostgreSQL has capacity: the database takes \(percent) of its time (\(room))."
        case .publishing:
            "More copies would help little: publishing takes \(percent) of its time; look at the broker first."
        case .polling, .waiting:
            "It is behind but hardly working; look at its log before adding copies."
        }
    }
}
