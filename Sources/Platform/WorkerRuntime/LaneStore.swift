package import Records

/// The database, as the runtime sees it: who owns a lane, how far it is, and a transaction that can only be made by the
/// owner.
///
/// A lane is (consumer group, partition number) over all record topics of a worker. Every transaction of a lane begins
/// by taking the lane's lock and comparing epoch and offsets with what the caller believes, so a stale owner fails
/// before it writes.
package protocol LaneStore: Sendable {
    associatedtype Transaction: Sendable

    /// Takes the lanes: raises each epoch once and reads what the former owner left. Creates missing lanes.
    ///
    /// A holder of a lane's lock that does not let go within the store's lock time-out is terminated.
    func take(_ lanes: [Int32]) async throws -> [LaneState]

    /// Reads a lane without taking it.
    func read(_ lane: Int32) async throws -> LaneState

    /// Runs `body` in one transaction that first locks and checks the lane, and advances it.
    ///
    /// - Throws: ``LaneRefused`` if epoch or offsets differ from `advance`, before `body` runs. Any error of `body`
    ///   rolls back and is rethrown. An error during COMMIT leaves the outcome in doubt: repeating the same advance then
    ///   answers ``LaneRefused`` if it had been applied.
    func transaction<Result: Sendable>(
        _ advance: LaneAdvance, _ body: (Transaction) async throws -> Result
    ) async throws -> Result

    /// Runs `body` in one transaction that belongs to several lanes: locks, checks and advances each of them first.
    ///
    /// - Parameter advances: in order of their lanes, at least one.
    /// - Throws: as ``transaction(_:_:)``; ``LaneRefused`` need not name the lane that was refused.
    func transaction<Result: Sendable>(
        together advances: [LaneAdvance], _ body: (Transaction) async throws -> Result
    ) async throws -> Result

    /// Appends outbox entries inside the transaction. Sequence numbers are given by the caller, without gaps.
    /// - Throws: ``LaneRefused`` if the first is not the lane's next number.
    func append(_ entries: [OutboxEntry], lane: Int32, in transaction: Transaction) async throws

    /// The number the lane's next outbox entry gets, as the transaction sees it.
    func nextSequence(of lane: Int32, in transaction: Transaction) async throws -> Int64

    /// Remembers the version of the configuration under which the lane's derived records are made from now on, and adds to
    /// the base of each topic, inside the transaction.
    /// - Returns: the new bases, by topic.
    func renumber(
        _ lane: Int32, under configuration: String, by step: Int64, in transaction: Transaction
    ) async throws -> [String: Int64]

    /// Takes an entry out of the outbox and keeps it as a dead letter, inside the transaction. Does nothing when the
    /// entry is not there any more, so it may be repeated.
    func putAside(
        _ sequence: Int64, lane: Int32, as deadLetter: DeadLetter, in transaction: Transaction) async throws

    /// Keeps dead letters of the lane inside the transaction.
    func insert(_ deadLetters: [DeadLetter], lane: Int32, in transaction: Transaction) async throws

    // MARK: Parked keys and requests

    /// What others did to the lanes meanwhile.
    func news(of claims: [LaneClaim]) async throws -> LaneNews

    /// The oldest waiting requests of a lane, with what they are about, in order.
    /// - Parameter maximumBytes: of dead letters; the first request is given whatever it weighs.
    func requests(of lane: Int32, maximumCount: Int, maximumBytes: Int) async throws -> [LaneRequest]

    /// The first records behind a key, in order.
    /// - Parameter maximumBytes: the first record is given whatever it weighs.
    func parkedRecords(
        behind key: [UInt8], lane: Int32, maximumCount: Int, maximumBytes: Int
    ) async throws -> [StoredRecord]

    /// Parks keys and keeps records behind their keys, inside the transaction.
    func park(_ parking: Parking, lane: Int32, in transaction: Transaction) async throws

    /// Takes out of the store what the transaction processes again, and answers requests.
    /// - Returns: `false` if this very settlement was committed before; the transaction must then be given up.
    func settle(_ settlement: Settlement, lane: Int32, in transaction: Transaction) async throws -> Bool
}

/// The right to write for a lane, as long as nobody raised the epoch.
package struct LaneClaim: Sendable, Hashable {
    package var lane: Int32
    package var epoch: Int64

    package init(lane: Int32, epoch: Int64) {
        self.lane = lane
        self.epoch = epoch
    }
}

/// What the owner of lanes does not find out by its own transactions, because those may be long in coming.
package struct LaneNews: Sendable, Equatable {
    /// Lanes for which requests wait.
    package var requested: Set<Int32>
    /// Lanes that have another epoch by now: somebody took them, or reset them after a restore.
    package var lost: Set<Int32>

    package init(requested: Set<Int32> = [], lost: Set<Int32> = []) {
        self.requested = requested
        self.lost = lost
    }
}

/// A lane as the database knows it.
package struct LaneState: Sendable, Equatable {
    package var claim: LaneClaim
    /// The number the next outbox entry gets.
    package var nextSequence: Int64
    /// By topic. A topic without an entry has never been read by this lane.
    package var offsets: [String: LaneOffset]
    /// Highest `source-seq` seen of each stream.
    package var streams: [StreamID: Int64]
    /// Entries not yet known to be acknowledged, in sequence order.
    package var outbox: [OutboxEntry]
    /// By the handler's key.
    package var parked: [[UInt8]: ParkedKey]
    /// Version of the configuration under which derived records are published; `nil` before the first.
    package var configuration: String?

    package init(
        claim: LaneClaim, nextSequence: Int64 = 1, offsets: [String: LaneOffset] = [:],
        streams: [StreamID: Int64] = [:],
        outbox: [OutboxEntry] = [], parked: [[UInt8]: ParkedKey] = [:], configuration: String? = nil
    ) {
        self.claim = claim
        self.nextSequence = nextSequence
        self.offsets = offsets
        self.streams = streams
        self.outbox = outbox
        self.parked = parked
        self.configuration = configuration
    }
}

package struct LaneOffset: Sendable, Equatable {
    /// Offset of the next record to process.
    package var next: Int64
    /// Added to raw offsets when numbering derived records; jumps ahead when a topic is re-created, and when records may be
    /// judged otherwise than those that are published already.
    package var base: Int64
    /// Cluster the offset belongs to.
    package var clusterID: String
    /// The record before `next`; `nil` when this lane never processed one, or none since a reset.
    package var last: RecordFingerprint?

    package init(next: Int64, base: Int64 = 0, clusterID: String, last: RecordFingerprint? = nil) {
        self.next = next
        self.base = base
        self.clusterID = clusterID
        self.last = last
    }
}

/// A numbered stream of published records, as seen in one topic.
package struct StreamID: Sendable, Hashable {
    package var topic: String
    package var source: String

    package init(topic: String, source: String) {
        self.topic = topic
        self.source = source
    }
}

/// What one transaction changes about its lane.
package struct LaneAdvance: Sendable, Equatable {
    package var claim: LaneClaim
    /// By topic: the offset believed to be stored, and the one to store. Empty for work between batches.
    package var offsets: [String: OffsetStep]
    /// New highest `source-seq` of the streams this batch saw.
    package var streams: [StreamID: Int64]
    /// Outbox entries up to and including this number are acknowledged and are deleted.
    package var acknowledgedSequence: Int64?

    package init(
        claim: LaneClaim, offsets: [String: OffsetStep] = [:], streams: [StreamID: Int64] = [:],
        acknowledgedSequence: Int64? = nil
    ) {
        self.claim = claim
        self.offsets = offsets
        self.streams = streams
        self.acknowledgedSequence = acknowledgedSequence
    }
}

package struct OffsetStep: Sendable, Equatable {
    /// `nil`: this lane has no offset for the topic yet; the transaction creates it.
    package var from: Int64?
    package var to: Int64
    /// Stored when the offset is created.
    package var clusterID: String
    /// The record before `to`; replaces what was remembered.
    package var last: RecordFingerprint?

    package init(from: Int64?, to: Int64, clusterID: String, last: RecordFingerprint? = nil) {
        self.from = from
        self.to = to
        self.clusterID = clusterID
        self.last = last
    }
}

/// The compare-and-set said no. A question, not an answer: read the lane again.
package struct LaneRefused: Error, Equatable {
    package var lane: Int32

    package init(lane: Int32) { self.lane = lane }
}

/// A decision on its way to a topic, written in the transaction that made it.
package struct OutboxEntry: Sendable, Equatable {
    package var sequence: Int64
    package var record: OutgoingRecord

    package init(sequence: Int64, record: OutgoingRecord) {
        self.sequence = sequence
        self.record = record
    }
}

/// A record that could not be processed, kept whole with the reason.
package struct DeadLetter: Sendable, Equatable {
    package var record: Record
    /// A fixed word such as `malformed_json`; operators filter by it.
    package var reason: String
    /// What is wrong and where, without any content of the record.
    package var detail: String
    package var attempts: Int
    /// The handler's key, if the record could be read.
    package var key: [UInt8]?
    /// Version of the rules that were in force for it.
    package var ruleVersion: String?
    /// The record was on its way out: an outbox entry that the broker refused.
    package var isOutgoing: Bool

    package init(
        record: Record, reason: String, detail: String, attempts: Int = 1, key: [UInt8]? = nil,
        ruleVersion: String? = nil, isOutgoing: Bool = false
    ) {
        self.record = record
        self.reason = reason
        self.detail = detail
        self.attempts = attempts
        self.key = key
        self.ruleVersion = ruleVersion
        self.isOutgoing = isOutgoing
    }
}
