import WorkerRuntime

/// The bounds of the simulated workers.
extension Scenario {
    private var batchesInHand: Int { 1 + Int(seed % 2) }
    private var batchRecords: Int { 2 + Int(seed / 2 % 4) }
    private static let batchBytes = 150
    private static let unacknowledged = 4

    var isBounded: Bool { !without.contains(.boundedQueues) }

    var limits: WorkerLimits {
        var limits = WorkerLimits()
        limits.batchRecords = isBounded ? batchRecords : 1_000
        limits.batchBytes = isBounded ? Self.batchBytes : 1 << 20
        limits.batchesInHand = isBounded ? batchesInHand : 1_000
        limits.unacknowledgedEntries = isBounded ? Self.unacknowledged : 1_000
        limits.concurrentTransactions = 2
        limits.relayChunk = 3
        limits.retakePause = .seconds(2)
        limits.lagInterval = .seconds(60)
        limits.redriveRecords = isBounded ? batchRecords : 1_000
        limits.offsetsOfBatch = Int64(limits.batchRecords)
        limits.parking.keyBytes = 60
        return limits
    }

    var protections: RuntimeProtections {
        var protections = RuntimeProtections.all
        protections.dropsSeenNumbers = !without.contains(.sourceSequence)
        protections.drainsBeforeUnassign = !without.contains(.drainBeforeUnassign)
        protections.bisects = !without.contains(.bisection)
        protections.renumbers = !without.contains(.renumbering)
        protections.keepsBehindParkedKeys = !without.contains(.keptBehindKeys)
        protections.settlesOnce = !without.contains(.settledOnce)
        return protections
    }

    /// What a process may hold: its batches in hand; while one is searched for poison, the half in hand comes on top of the
    /// whole, and so on down to one record.
    var holding: Held.Amount {
        var records = batchRecords
        guard faults.contains(.poison) else {
            return Held.Amount(records: batchesInHand * records, bytes: batchesInHand * Self.batchBytes)
        }
        var most = records
        while records > 1 {
            records = (records + 1) / 2
            most += records
        }
        return Held.Amount(records: batchesInHand * most, bytes: batchesInHand * 3 * Self.batchBytes)
    }

    /// What a lane's outbox may hold: what may wait for its acknowledgement, one batch more, and its timers. With parked
    /// keys what is derived goes there too, and what is redriven comes on top of a batch.
    var longestOutbox: Int {
        Self.unacknowledged + batchRecords * (faults.contains(.parkedKeys) ? 4 : 1) + ToyIngest.timerEnd
    }
}
