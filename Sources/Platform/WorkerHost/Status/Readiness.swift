import Operations
import WorkerRuntime

/// Whether a copy is of use now. Pure. Holding no lane is fine: with more copies than partitions some only stand by.
enum Readiness {
    /// - Parameters:
    ///   - trouble: what the host itself waits for, such as PostgreSQL at the start or a feed.
    static func judge(isStopping: Bool, trouble: String?, status: WorkerStatus) -> Health {
        if isStopping { return .bad("shutting down") }
        if let trouble { return .bad(trouble) }
        switch status.state {
        case .starting: return .bad("waiting to join the consumer group")
        case .waitingForStore(let reason): return .bad("waiting for the database: \(reason)")
        case .waitingForLog(let reason): return .bad("waiting for the broker: \(reason)")
        case .stalled(_, let reason): return .bad("stalled: \(reason)")
        case .draining, .stopped: return .bad("shutting down")
        case .running: break
        }
        for (lane, entry) in status.lanes.sorted(by: { $0.key < $1.key }) {
            if let refusal = entry.refusal { return .bad("lane \(lane) stands still: \(refusal)") }
        }
        return .good
    }

    /// Restarting helps: records wait and none completes.
    static func judgeLife(status: WorkerStatus, uptime: Duration, limit: Duration) -> Health {
        stall(status: status, uptime: uptime, limit: limit).map { .bad($0) } ?? .good
    }

    /// Which lanes complete nothing, and why, in a sentence; `nil` when none has stood still for `limit`.
    static func stall(status: WorkerStatus, uptime: Duration, limit: Duration) -> String? {
        guard case .stuck(let lanes, let reason) = status.liveness(now: uptime, limit: limit) else { return nil }
        let list = lanes.map(String.init).joined(separator: ", ")
        return "records wait and none has completed for \(limit.components.seconds) s in lanes \(list), which wait for "
            + reason
    }
}
