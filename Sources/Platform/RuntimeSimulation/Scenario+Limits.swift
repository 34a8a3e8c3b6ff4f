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
        return limits
    }

    var protections: RuntimeProtections {
        RuntimeProtections(
            dropsSeenNumbers: !without.contains(.sourceSequence),
            drainsBeforeUnassign: !without.contains(.drainBeforeUnassign), bisects: !without.contains(.bisection))
    }

    /// What a process may hold: its batches in hand, and once more while one of them is searched for poison.
    var holding: Held.Amount {
        let batches = batchesInHand * (faults.contains(.poison) ? 2 : 1)
        return Held.Amount(records: batches * batchRecords, bytes: batches * Self.batchBytes)
    }

    /// What a lane's outbox may hold: what may wait for its acknowledgement, one batch more, and its timers.
    var longestOutbox: Int { Self.unacknowledged + batchRecords + ToyIngest.timerEnd }
}
