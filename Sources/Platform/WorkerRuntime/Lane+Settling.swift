import Records

/// A batch, or a part of one, cannot be processed because of a record in it.
struct Poisoned: Error {
    var reason: String
    var detail: String
    var attempts: Int

    init(_ error: any Error, reason: String, attempts: Int) {
        self.reason = error is DerivedNumbering.TooMany ? "too_many_derived" : reason
        detail = describe(error)
        self.attempts = attempts
    }

    init(_ undecodable: Undecodable) {
        reason = undecodable.reason
        detail = undecodable.detail
        attempts = 1
    }
}

/// Settling records: each ends up in a committed transaction, as an effect or as a dead letter.
extension Lane {
    /// Processes the records in one transaction; if one of them is poison, in as many as it takes to find it, in order.
    func settle(_ records: ArraySlice<Record>) async throws {
        let before = context.clock.uptime
        var state = state
        if !context.protections.keepsBehindParkedKeys { state.parked = [:] }
        if !context.protections.detoursReleasedKeys { state.parked = state.parked.filter(\.value.waits) }
        let handler = context.handler
        let configuration = handler.configurationVersion
        var batch = handler.reading { decode in
            PreparedBatch<Handler.Event>(
                records, state: state, numberedTopics: numberedTopics, key: key(of:), decode: decode)
        }
        do {
            let decision = try await decide(batch.items, since: before)
            guard handler.configurationVersion == configuration else { return try await settle(records) }
            try await renumber(under: configuration)
            try await commit(batch, decision, sharing: mayShare(records))
        } catch let poison as Poisoned {
            if batch.items.count > 1, context.protections.bisects {
                let (first, second) = Self.halves(records, of: batch.items)
                try await settle(first)
                try await settle(second)
            } else {
                try await bury(poison, &batch)
            }
        }
    }

    /// Before anything derived is published under another version of the configuration than so far, numbers jump ahead.
    ///
    /// An owner before this one, or a batch that is cut up now, may have published records without committing them. Under
    /// another version, more may be derived from the same records, with numbers lower than some of those: a consumer would
    /// take it for old. No batch spans as many offsets as the jump.
    private func renumber(under configuration: String?) async throws {
        guard let configuration, configuration != state.configuration, context.protections.renumbers else { return }
        try await perform(LaneChange(configuration: configuration)) { _, _ in .none }
    }

    /// Keeps the batch's only item as a dead letter instead of processing it.
    private func bury(_ poison: Poisoned, _ batch: inout PreparedBatch<Handler.Event>) async throws {
        let hadItem = !batch.items.isEmpty
        batch.bury(
            reason: poison.reason, detail: poison.detail, attempts: poison.attempts,
            key: batch.items.first.flatMap { key(of: $0.event) }, parks: context.handler.waitsBehindDeadLetters)
        do {
            guard hadItem else { throw poison }
            try await commit(batch, nil)
        } catch let error as Poisoned {
            throw RuntimeHalt("lane \(number): dead letters or offsets cannot be stored: \(error.detail)")
        }
    }

    /// Cuts between two items, so that each half has half of them.
    static func halves(
        _ records: ArraySlice<Record>, of items: [Batch<Handler.Event>.Item]
    ) -> (ArraySlice<Record>, ArraySlice<Record>) {
        let middle = items[items.count / 2].record
        let cut =
            records.firstIndex { $0.offset == middle.offset && $0.topic == middle.topic }
            ?? records.startIndex + records.count / 2
        return (records[..<cut], records[cut...])
    }

    /// The handler's key, if it is short enough to be parked.
    func key(of event: Handler.Event) -> [UInt8]? {
        context.handler.key(of: event).flatMap { $0.count <= ParkedKey.longest ? $0 : nil }
    }

    /// Asks the handler. The world may be missing (no configuration yet); whatever else goes wrong in a pure function
    /// is a record's fault, because nothing else went in.
    func decide(
        _ items: [Batch<Handler.Event>.Item], since before: Duration
    ) async throws -> Handler.Decision? {
        var backoff = Backoff(context.limits.retryPause)
        var attempts = 0
        var before = before
        context.progress.at(.deciding, lane: number)
        while true {
            attempts += 1
            do {
                defer { context.progress.spent(context.clock.uptime - before, .deciding) }
                guard !items.isEmpty else { return nil }
                let batch = Batch(lane: number, items: items, nowMilliseconds: context.clock.nowMilliseconds)
                let decision = try context.handler.decide(batch)
                announce(nil, .batches)
                return decision
            } catch {
                switch (error as? any Disposed)?.disposition {
                case .halt: throw error
                case .deadLetter, .conflict, nil: throw Poisoned(error, reason: "undecidable", attempts: attempts)
                case .retry:
                    announce(.stalled(.configuration, reason: describe(error)), .batches)
                    try await context.clock.sleep(for: backoff.pause(random: context.clock.random()), unless: stop)
                    if stop.isFired { throw BatchDiscarded() }
                    before = context.clock.uptime
                }
            }
        }
    }

    /// - Parameter shares: whether the batch may be written together with those of other lanes.
    private func commit(
        _ batch: PreparedBatch<Handler.Event>, _ decision: Handler.Decision?, sharing shares: Bool = false
    ) async throws {
        let began = context.clock.uptime
        let handler = context.handler
        let change = LaneChange(batch)
        let outcome = try await perform(change, sharing: shares ? decision : nil) { transaction, context in
            guard let decision else { return .none }
            return try await handler.apply(decision, in: transaction, context: context)
        }
        let positions = change.steps.map { (TopicPartition(topic: $0.key, partition: number), $0.value.to) }
        context.member.commit(Dictionary(uniqueKeysWithValues: positions))
        var tally = batch.tally
        tally.deadLetters = outcome.deadLetters
        tally.derived = outcome.derived
        tally.outbox = outcome.outbox.count
        let now = context.clock.uptime
        context.progress.completed(
            lane: number, tally: tally, took: now - began, now: now, nowMilliseconds: context.clock.nowMilliseconds)
    }

    /// Stores that only offsets without records lie before the ends: they are no lag.
    /// - Returns: whether there were any.
    func passMarkers() async throws -> Bool {
        let offsets = state.offsets
        var steps: [String: OffsetStep] = [:]
        for (partition, position) in context.member.positions(of: partitions) {
            guard let stored = offsets[partition.topic], position > stored.next else { continue }
            steps[partition.topic] = OffsetStep(from: stored.next, to: position, clusterID: stored.clusterID)
        }
        if steps.isEmpty { return false }
        try await perform(LaneChange(PreparedBatch<Handler.Event>(starting: steps))) { _, _ in .none }
        context.member.commit(
            steps.reduce(into: [:]) { $0[TopicPartition(topic: $1.key, partition: number)] = $1.value.to })
        return true
    }

    /// Stores where the lane begins in topics that it never read.
    func begin(at steps: [String: OffsetStep]) async throws {
        guard !steps.isEmpty else { return }
        try await perform(LaneChange(PreparedBatch<Handler.Event>(starting: steps))) { _, _ in .none }
    }
}
