import WorkerRuntime

/// The bounds of the simulated workers.
extension Scenario {
    private var batchesInHand: Int { 1 + Int(seed % 2) }
    private var batchRecords: Int { 2 + Int(seed / 2 % 4) }
    private static let batchBytes = 150
    private static let unacknowledged = 4
    /// Records of a batch that shares a transaction.
    private static let shared = 2
    private static let sharedBytes = 100

    var isBounded: Bool { !without.contains(.boundedQueues) }

    var limits: WorkerLimits {
        var limits = WorkerLimits()
        limits.batchRecords = isBounded ? batchRecords : 1_000
        limits.batchBytes = isBounded ? Self.batchBytes : 1 << 20
        limits.batchesInHand = isBounded ? batchesInHand : 1_000
        limits.unacknowledgedEntries = isBounded ? Self.unacknowledged : 1_000
        limits.concurrentTransactions = 2
        limits.sharedRecords = isBounded ? Self.shared : 1_000
        limits.sharedBytes = isBounded ? Self.sharedBytes : 1 << 20
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
        // Beside the batches in hand every lane may have a small one.
        let (sharing, sharingBytes) = (Int(partitions) * Self.shared, Int(partitions) * Self.sharedBytes)
        guard faults.contains(.poison) else {
            return Held.Amount(
                records: batchesInHand * records + sharing, bytes: batchesInHand * Self.batchBytes + sharingBytes)
        }
        var most = records
        while records > 1 {
            records = (records + 1) / 2
            most += records
        }
        return Held.Amount(
            records: batchesInHand * most + 2 * sharing, bytes: batchesInHand * 3 * Self.batchBytes + 3 * sharingBytes)
    }

    /// What a lane's outbox may hold: what may wait for its acknowledgement, one batch more, and its timers. With parked
    /// keys what is derived goes there too, and what is redriven comes on top of a batch.
    var longestOutbox: Int {
        Self.unacknowledged + batchRecords * (faults.contains(.parkedKeys) ? 4 : 1) + ToyIngest.timerEnd
    }
}
