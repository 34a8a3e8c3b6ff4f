/// Bounds and deadlines of one worker.
package struct WorkerLimits: Sendable {
    /// Records in one batch, at most.
    package var batchRecords = 4_000
    /// Bytes (keys, values, headers) in one batch, at most; a single record may be larger.
    package var batchBytes = 4 << 20
    /// Batches in hand at the same time. A lane takes its records only when it is among them, so what a worker holds is
    /// bounded whatever the number of its lanes, and a lane that waited long takes more at once.
    package var batchesInHand = 4
    /// A batch of at most so many records is written together with those of other lanes, if its handler allows it. It
    /// needs no place among the batches in hand.
    package var sharedRecords = 64
    /// The same in bytes.
    package var sharedBytes = 64 << 10
    /// Pause between two shared transactions, at least.
    package var gathering = Duration.milliseconds(3)
    /// Lanes that share a transaction, at most.
    package var sharingLanes = 24
    /// Lane transactions at the same time; not more than the connection pool has.
    package var concurrentTransactions = 4

    /// How long a transaction, with its locks, waits for the broker to acknowledge derived records.
    package var derivedAcknowledgement = Duration.seconds(5)
    /// First and longest pause after a failure of the world.
    package var retryPause = Duration.milliseconds(100)...Duration.seconds(5)
    /// Attempts at what failed with an error that doesn't say whose fault it is.
    package var attemptsOfUnknown = 5
    /// Pause before a lane that somebody else took, but that the group still assigns to us, is taken again.
    package var retakePause = Duration.seconds(5)

    /// How long the lanes that are ready wait for the others at take-over, before they begin without them.
    package var startTogether = Duration.seconds(2)
    /// How long revoked lanes may finish the batch in hand.
    package var drain = Duration.seconds(10)
    /// How long a lane that is given up waits for its outbox to be acknowledged.
    package var handOver = Duration.seconds(1)
    /// How long a graceful stop may take.
    package var shutDown = Duration.seconds(25)

    /// Outbox entries published in one go.
    package var relayChunk = 1_000
    /// Outbox entries of one lane that may wait for their acknowledgement before its batches wait.
    package var unacknowledgedEntries = 10_000
    /// The same in bytes.
    package var unacknowledgedBytes = 32 << 20
    /// Acknowledged outbox entries of an idle lane are deleted after this pause.
    package var outboxCleanUp = Duration.seconds(3)

    package var parking = ParkingLimits()
    /// Offsets of one topic that no batch spans, gaps included: how long a key that was parked publishes by the outbox.
    package var offsetsOfBatch: Int64 = 1 << 20
    /// How far derived numbers jump when the configuration changes: more offsets than any batch spans.
    package var numberJump: Int64 = 1 << 20
    /// How often requests of operators are looked for.
    package var requestInterval = Duration.seconds(1)
    /// Requests, or records of a parked key, that are looked at together.
    package var redriveRecords = 500

    /// How often lag is measured.
    package var lagInterval = Duration.seconds(5)

    package init() {}

    /// Limits that fit a pool of so many connections.
    package init(connections: Int) {
        // One is left for feeds and heartbeats.
        concurrentTransactions = max(1, connections - 1)
        // And one transaction for what lanes do beside their batches. With one alone, a second batch is read and judged
        // while the first is written.
        batchesInHand = max(2, concurrentTransactions - 1)
    }
}

/// What may wait behind parked keys before their lane takes no more records.
///
/// Nothing is lost: they wait in the log. A batch that is taken is always kept, so a limit may be exceeded by a batch.
package struct ParkingLimits: Sendable, Equatable {
    /// Behind one key.
    package var keyBytes = 16 << 20
    package var keyRecords = Int.max
    /// Behind all keys of a lane.
    package var laneBytes = 64 << 20
    package var laneRecords = Int.max

    package init() {}
}

/// What keeps the promise. Tests take one away to show that it is needed; no setting reaches it.
package struct RuntimeProtections: Sendable {
    /// Drop records whose `source-seq` isn't greater than the stream's last.
    package var dropsSeenNumbers = true
    /// Finish what is in hand before the group hears that the lanes are free.
    package var drainsBeforeUnassign = true
    /// Cut a batch that fails for a record's sake down to that record.
    package var bisects = true
    /// Number derived records higher than all before once they are made under another version of the configuration.
    package var renumbers = true
    /// Keep later records of a parked key behind it.
    package var keepsBehindParkedKeys = true
    /// Publish by the outbox what a key's records cause that was parked not long ago …
    package var detoursReleasedKeys = true
    /// … and let that arrive before anything derived goes another way.
    package var flushesBeforeForgetting = true
    /// Look whether a settlement is applied already before applying it.
    package var settlesOnce = true

    package static let all = RuntimeProtections()

    package init(
        dropsSeenNumbers: Bool = true, drainsBeforeUnassign: Bool = true, bisects: Bool = true, renumbers: Bool = true
    ) {
        self.dropsSeenNumbers = dropsSeenNumbers
        self.drainsBeforeUnassign = drainsBeforeUnassign
        self.bisects = bisects
        self.renumbers = renumbers
    }
}
