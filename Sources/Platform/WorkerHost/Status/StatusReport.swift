import Foundation
import WorkerRuntime

/// What a heartbeat says about a copy. The `status` column of `<schema>.heartbeats`; `scrm lag` and `… apply --wait`
/// read it. Fields are only ever added.
package struct StatusReport: Codable, Sendable, Equatable {
    package var worker: String
    package var instance: String
    package var host: String
    package var pid: Int32
    /// `starting`, `waiting`, `running`, `draining` or `stopped`.
    package var state: String
    /// What it waits for, in a sentence.
    package var waitingFor: String?
    /// Configuration in force: version by key, by kind of feed.
    package var versions: [String: [String: String]]
    /// Lane numbers held.
    package var lanes: [Int32]
    /// Lanes that stand still until an operator acts: reason by lane number.
    package var refusedLanes: [String: String]
    /// `nil` before the first measurement.
    package var lagRecords: Int64?
    /// Age of the oldest waiting record.
    package var lagSeconds: Double
    package var records: Int
    package var batches: Int
    package var deadLetters: Int
    package var duplicates: Int
    package var rebalances: Int
    /// Seconds of all lanes together since the start, by stage: polling, deciding, database, publishing, waiting.
    package var stageSeconds: [String: Double]
    /// What people should know of how the copy is set up; absent for nothing.
    package var remarks: [String: String]?

    enum CodingKeys: String, CodingKey {
        case worker, instance, host, pid, state
        case waitingFor = "waiting_for"
        case versions, lanes
        case refusedLanes = "refused_lanes"
        case lagRecords = "lag_records"
        case lagSeconds = "lag_seconds"
        case records, batches
        case deadLetters = "dead_letters"
        case duplicates, rebalances
        case stageSeconds = "stage_seconds"
        case remarks
    }

    /// - Parameter waitingFor: a reason beside those the runtime knows, such as a feed that is not ready.
    init(
        worker: String, instance: String, host: String, pid: Int32, status: WorkerStatus, waitingFor: String?,
        versions: [String: [String: String]], nowMilliseconds: Int64
    ) {
        self.worker = worker
        self.instance = instance
        self.host = host
        self.pid = pid
        self.waitingFor = waitingFor
        self.versions = versions
        switch status.state {
        case .starting: state = waitingFor == nil ? "starting" : "waiting"
        case .waitingForStore(let reason), .waitingForLog(let reason), .stalled(_, let reason):
            state = "waiting"
            self.waitingFor = waitingFor ?? reason
        case .running: state = waitingFor == nil ? "running" : "waiting"
        case .draining: state = "draining"
        case .stopped: state = "stopped"
        }
        lanes = status.lanes.filter { $0.value.refusal == nil }.keys.sorted()
        refusedLanes = Dictionary(
            uniqueKeysWithValues: status.lanes.compactMap { lane, entry in entry.refusal.map { ("\(lane)", $0) } })
        lagRecords = status.lagRecords
        lagSeconds = Double(status.lagMilliseconds(nowMilliseconds: nowMilliseconds)) / 1000
        records = status.counts.records
        batches = status.counts.batches
        deadLetters = status.counts.deadLetters
        duplicates = status.counts.duplicates
        rebalances = status.counts.rebalances
        stageSeconds = Dictionary(
            uniqueKeysWithValues: WorkerStatus.Stage.allCases.map { stage in
                let spent = status.stages[stage].components
                return ("\(stage)", Double(spent.seconds) + (Double(spent.attoseconds) / 1e15).rounded() / 1000)
            })
    }

    /// One JSON object, keys sorted.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
