package import Records

/// A key of which later records wait in the store instead of having their effect.
package struct ParkedKey: Sendable, Equatable {
    /// An operator parked it, and only an operator lets it go on; else it waits behind its dead letters.
    package var held: Bool
    /// How many records wait, and what they weigh.
    package var records: Int
    package var bytes: Int
    /// Set once nothing waits any more and records go on: by topic, an offset that no batch begun while the key was parked
    /// reaches. Until the lane is past it, what the key's records cause goes out by the outbox alone.
    ///
    /// A former owner may have published what later records of such a batch caused without committing it. A consumer
    /// would then drop what is derived from this key's record, whose number is lower.
    package var leavesAt: [String: Int64]?

    package init(held: Bool, records: Int = 0, bytes: Int = 0, leavesAt: [String: Int64]? = nil) {
        self.held = held
        self.records = records
        self.bytes = bytes
        self.leavesAt = leavesAt
    }

    /// Do its records wait?
    package var waits: Bool { leavesAt == nil }

    var waitsBehindLetters: Bool { waits && !held }

    /// A longer key cannot be parked: it would not fit into an index of the store. In bytes.
    static let longest = 1_000
}

/// A record that waits behind its parked key.
package struct ParkedRecord: Sendable, Equatable {
    package var key: [UInt8]
    package var record: Record

    package init(key: [UInt8], record: Record) {
        self.key = key
        self.record = record
    }
}

/// What one transaction parks.
package struct Parking: Sendable, Equatable {
    /// Records of these keys wait from now on.
    package var keys: Set<[UInt8]> = []
    /// Whether an operator parks them.
    package var held = false
    /// Kept behind their keys, in order. Their keys are parked already.
    package var records: [ParkedRecord] = []

    package init(keys: Set<[UInt8]> = [], held: Bool = false, records: [ParkedRecord] = []) {
        self.keys = keys
        self.held = held
        self.records = records
    }

    package var isEmpty: Bool { keys.isEmpty && records.isEmpty }
}

/// What one transaction takes out of the store again: dead letters, parked records, and the requests it answers.
package struct Settlement: Sendable, Equatable {
    /// What became of a request.
    package struct Answer: Sendable, Equatable {
        package var request: Int64
        package var outcome: RequestOutcome
        /// Why not, without any content of a record.
        package var detail: String?

        package init(request: Int64, outcome: RequestOutcome, detail: String? = nil) {
            self.request = request
            self.outcome = outcome
            self.detail = detail
        }
    }

    /// A dead letter that failed again and stays.
    package struct Failure: Sendable, Equatable {
        package var letter: Int64
        package var reason: String
        package var detail: String
        package var attempts: Int
        /// The handler's key, as far as it is known now.
        package var key: [UInt8]?

        package init(letter: Int64, reason: String, detail: String, attempts: Int, key: [UInt8]? = nil) {
            self.letter = letter
            self.reason = reason
            self.detail = detail
            self.attempts = attempts
            self.key = key
        }
    }

    /// Each must not have been answered before, or the whole settlement was applied already.
    package var answers: [Answer] = []
    /// Each must still be there, or the whole settlement was applied already.
    package var removedLetters: [Int64] = []
    package var failures: [Failure] = []
    /// The key whose records are taken out, with their ids (each must still be there) and what they weigh together.
    package var key: [UInt8]?
    package var unparked: [Int64] = []
    package var unparkedBytes = 0
    /// `key` waits no more: see ``ParkedKey/leavesAt``. Nothing waits behind it.
    package var leavesAt: [String: Int64]?
    /// `key` waits behind a dead letter from now on, also if an operator had parked it.
    package var stopsKey = false
    /// Keys to be unparked on behalf of a request, if no dead letter of the key is left.
    package var releases: [[UInt8]: Int64] = [:]
    /// Keys that the lane is past, and that are like any other from now on.
    package var forgotten: Set<[UInt8]> = []

    package init() {}
}

/// How a request ended. The words operators see.
package enum RequestOutcome: String, Sendable, Hashable {
    case done
    /// The record is none of the worker's business any more; its dead letter is gone without an effect.
    case skipped
    /// Nothing to do: the dead letter is gone, or the key is not parked.
    case gone
    /// The record failed again.
    case failed
    /// Nothing was tried: something must come first.
    case refused
}

/// What an operator asks of a lane's owner.
package struct LaneRequest: Sendable, Equatable {
    package enum Action: Sendable, Equatable {
        /// Process the dead letter again; `nil` when it is gone.
        case redrive(StoredDeadLetter?)
        /// Forget the dead letter.
        case discard(StoredDeadLetter?)
        case park([UInt8])
        case unpark([UInt8])
    }

    package var id: Int64
    package var action: Action

    package init(id: Int64, action: Action) {
        self.id = id
        self.action = action
    }
}

/// A dead letter as the store has it.
package struct StoredDeadLetter: Sendable, Equatable {
    package var id: Int64
    package var letter: DeadLetter
    /// The dead letter of the same lane and key before this one.
    package var previous: Int64?

    package init(id: Int64, letter: DeadLetter, previous: Int64? = nil) {
        self.id = id
        self.letter = letter
        self.previous = previous
    }
}

/// A parked record as the store has it.
package struct StoredRecord: Sendable, Equatable {
    package var id: Int64
    package var record: Record

    package init(id: Int64, record: Record) {
        self.id = id
        self.record = record
    }
}

extension LaneState {
    /// What is parked once the parking is committed.
    package mutating func apply(_ parking: Parking) {
        for key in parking.keys {
            parked[key, default: ParkedKey(held: false)].held = parking.held || parked[key]?.held ?? false
            parked[key]?.leavesAt = nil
        }
        for waiting in parking.records {
            parked[waiting.key]?.records += 1
            parked[waiting.key]?.bytes += waiting.record.byteCount
        }
    }

    /// What is parked once the settlement is committed.
    package mutating func apply(_ settlement: Settlement) {
        for key in settlement.forgotten { parked[key] = nil }
        guard let key = settlement.key else { return }
        parked[key]?.records -= settlement.unparked.count
        parked[key]?.bytes -= settlement.unparkedBytes
        if settlement.stopsKey { parked[key]?.held = false }
        if let leavesAt = settlement.leavesAt {
            parked[key]?.held = false
            parked[key]?.leavesAt = leavesAt
        }
    }

    /// Keys whose ``ParkedKey/leavesAt`` the lane is past.
    var passedKeys: Set<[UInt8]> {
        guard !parked.isEmpty else { return [] }
        let passed = parked.filter { entry in
            entry.value.leavesAt?.allSatisfy { offsets[$0.key]?.next ?? 0 >= $0.value } ?? false
        }
        return Set(passed.keys)
    }

    /// Why no more records may be taken; `nil` while there is room for another batch.
    func fullParking(_ limits: ParkingLimits) -> String? {
        guard !parked.isEmpty else { return nil }
        let keys = parked.values
        let checks = [
            ("a parked key", "records", keys.reduce(0) { max($0, $1.records) }, limits.keyRecords),
            ("a parked key", "bytes", keys.reduce(0) { max($0, $1.bytes) }, limits.keyBytes),
            ("the parked keys of the lane", "records", keys.reduce(0) { $0 + $1.records }, limits.laneRecords),
            ("the parked keys of the lane", "bytes", keys.reduce(0) { $0 + $1.bytes }, limits.laneBytes),
        ]
        return checks.first { _, _, waiting, limit in waiting >= limit }.map { what, unit, waiting, limit in
            "parked records: \(waiting) \(unit) wait behind \(what) (limit \(limit)); see `scrm keys list`, then redrive, "
                + "discard or unpark"
        }
    }
}
