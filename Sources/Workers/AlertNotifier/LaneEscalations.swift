import Alerting
import Contracts
import Logging
import Postgres
import Synchronization
import WorkerRuntime

/// Fires the escalations of a lane, each step once.
///
/// A step that is due waits until the lane has processed everything that the broker held by then, for the
/// acknowledgement may be among it; at most for ``NotifierSettings/escalationPatience``.
struct LaneEscalations: Sendable {
    let lane: LaneSession<PostgresTransaction>
    let settings: NotifierSettings
    let configuration: @Sendable () -> NotifierConfiguration
    let pool: PostgresPool
    let bell: DeliveryBell
    let logger: Logger

    /// Until the lane is given up (cancelled).
    func run() async throws {
        while true {
            if let moment = try await due() {
                if try await !lane.catchUp(within: settings.escalationPatience) {
                    logger.warning(
                        "Alerts are escalated although people's answers may still wait in the topic",
                        metadata: ["lane": "\(lane.lane)"])
                }
                try await fire(dueBy: moment)
            } else {
                try await Task.sleep(for: settings.escalationInterval)
            }
        }
    }

    private func due() async throws -> Int64? {
        do {
            return try await LifeStore.dueEscalation(lane: lane.lane, pool: pool)
        } catch let error as PostgresError where error != .cancelled {
            // The runtime tells of a database that is away, and of its return.
            logger.debug("Cannot look for escalations", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func fire(dueBy moment: Int64) async throws {
        let configuration = configuration()
        let result = Mutex(LifeStore.Fired())
        try await lane.transaction { transaction in
            let fired = try await LifeStore.escalate(
                lane: lane.lane, laneCount: lane.laneCount, dueBy: moment, policy: settings.escalation,
                working: configuration.workingClocks(instead: settings.workingClock), configuration: configuration,
                in: transaction)
            result.withLock { $0 = fired }
            return .none
        }
        let fired = result.withLock { $0 }
        bell.ring(fired.lanes)
        for severity in fired.severities { NotifierMetrics.escalated(severity) }
        if !fired.severities.isEmpty {
            logger.notice(
                "Alerts were escalated", metadata: ["lane": "\(lane.lane)", "alerts": "\(fired.severities.count)"])
        }
    }
}
