import Records

/// What one transaction of a lane changes, apart from what the handler writes.
struct LaneChange: Sendable {
    /// Empty for work beside the batches.
    var steps: [String: OffsetStep] = [:]
    var streams: [StreamID: Int64] = [:]
    var deadLetters: [DeadLetter] = []
    var parking = Parking()
    /// Origins of which all effects go out by the outbox: offsets by topic.
    var detours: [String: Set<Int64>] = [:]
    /// What is processed again, or what an operator asked for.
    var settlement: Settlement?
    /// Derived records are made under this version of the configuration from now on, and are numbered higher than all
    /// before.
    var configuration: String?

    /// Work beside the batches.
    init() {}

    init<Event>(_ batch: PreparedBatch<Event>) {
        steps = batch.steps
        streams = batch.streams
        deadLetters = batch.deadLetters
        parking = batch.parking
        detours = batch.detours
    }

    /// Another version of the configuration.
    init(configuration: String) {
        self.configuration = configuration
    }

    /// Work that operators asked for.
    init(_ settlement: Settlement, parking: Parking = Parking(), deadLetters: [DeadLetter] = []) {
        self.settlement = settlement
        self.parking = parking
        self.deadLetters = deadLetters
    }

    /// A record processed again, or not long after its key was parked, has lost its place in the derived stream: what it
    /// causes goes out by the outbox.
    func divide(_ derived: DerivedRecords) -> (direct: DerivedRecords, detoured: [OutgoingRecord]) {
        if settlement != nil { return ([], derived.map(\.record)) }
        if detours.isEmpty { return (derived, []) }
        var direct: [Int] = []
        var detoured: [OutgoingRecord] = []
        for (index, one) in derived.enumerated() {
            if detours[one.origin.topic]?.contains(one.originOffset) ?? false {
                detoured.append(one.record)
            } else {
                direct.append(index)
            }
        }
        return (derived.selecting(direct), detoured)
    }

    /// Has the compare-and-set something to find a repetition by?
    var movesOffsets: Bool { !steps.isEmpty }

    /// Can a record be at fault?
    var settlesRecords: Bool { movesOffsets || settlement != nil }
}

/// What a committed transaction did.
struct LaneOutcome: Sendable {
    var outbox: [OutboxEntry] = []
    /// New bases of derived numbers, by topic.
    var bases: [String: Int64] = [:]
    var deadLetters = 0
    var derived = 0
}

extension LaneState {
    /// What is stored once the change is committed.
    mutating func apply(_ change: LaneChange, _ outcome: LaneOutcome) {
        for (topic, step) in change.steps {
            if offsets[topic] == nil {
                offsets[topic] = LaneOffset(next: step.to, clusterID: step.clusterID, last: step.last)
            } else {
                offsets[topic]?.next = step.to
                offsets[topic]?.last = step.last
            }
        }
        for (topic, base) in outcome.bases { offsets[topic]?.base = base }
        configuration = change.configuration ?? configuration
        streams.merge(change.streams) { _, new in new }
        nextSequence += Int64(outcome.outbox.count)
        apply(change.parking)
        if let settlement = change.settlement { apply(settlement) }
    }

    /// Are the offsets those of `before` with the change made?
    func hasOffsets(of before: LaneState, with change: LaneChange) -> Bool {
        var expected = before
        expected.apply(change, LaneOutcome())
        return offsets.mapValues(\.next) == expected.offsets.mapValues(\.next)
    }
}
