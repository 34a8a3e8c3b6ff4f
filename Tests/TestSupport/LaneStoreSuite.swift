import Records
import Testing
package import WorkerRuntime

/// What every ``LaneStore`` promises, checked on the store that `make` returns: the one on PostgreSQL and the one in
/// memory pass the same suite.
///
/// - Parameters:
///   - make: returns a store in which no lane was ever taken.
///   - deadLetters: the reasons of the dead letters stored.
package func laneStoreSuite<Store: LaneStore>(
    make: () async throws -> Store, deadLetters: @escaping () async throws -> [String]
) async throws {
    let suite = LaneStoreSuite(store: try await make(), deadLetters: deadLetters)
    try await suite.takingRaisesTheEpochOnce()
    try await suite.offsetsAreCreatedAndAdvanced()
    try await suite.theLastRecordIsRememberedWithTheOffset()
    try await suite.aStaleEpochIsRefusedBeforeTheBodyRuns()
    try await suite.aStaleOffsetIsRefusedBeforeTheBodyRuns()
    try await suite.repeatingAnAppliedAdvanceIsRefused()
    try await suite.anErrorOfTheBodyRollsEverythingBack()
    try await suite.theOutboxKeepsItsOrderAndLosesItsPrefix()
    try await suite.streamsRememberTheHighestNumber()
    try await suite.lanesDoNotDisturbEachOther()
    try await suite.aLaneThatWasNeverTakenReadsAsEpochZero()
    try await suite.outboxNumbersOutOfStepAreRefused()
    try await suite.anEntryIsPutAsideOnce()
}

/// One scenario per method, each with a lane of its own, so that they share a store.
private struct LaneStoreSuite<Store: LaneStore> {
    let store: Store
    let deadLetters: () async throws -> [String]

    private struct Regret: Error {}

    private func take(_ lane: Int32) async throws -> LaneState {
        let states = try await store.take([lane])
        return try #require(states.first)
    }

    private func step(_ from: Int64?, _ to: Int64) -> OffsetStep { OffsetStep(from: from, to: to, clusterID: "c1") }

    /// Advances and answers whether the body ran; a refusal is no error here.
    private func advance(_ advance: LaneAdvance) async throws -> (applied: Bool, bodyRan: Bool) {
        var ran = false
        do {
            try await store.transaction(advance) { _ in ran = true }
            return (true, ran)
        } catch let refusal as LaneRefused {
            #expect(refusal.lane == advance.claim.lane)
            return (false, ran)
        }
    }

    func takingRaisesTheEpochOnce() async throws {
        let first = try await store.take([11, 10])
        #expect(Set(first.map(\.claim.lane)) == [10, 11])
        #expect(first.allSatisfy { $0.nextSequence == 1 && $0.offsets.isEmpty && $0.outbox.isEmpty })
        let second = try await take(10)
        let before = try #require(first.first { $0.claim.lane == 10 })
        #expect(second.claim.epoch == before.claim.epoch + 1)
        let read = try await store.read(10)
        #expect(read == second)
        let other = try await store.read(11)
        #expect(other.claim == first.first { $0.claim.lane == 11 }?.claim)
    }

    func offsetsAreCreatedAndAdvanced() async throws {
        let claim = try await take(20).claim
        let created = try await advance(LaneAdvance(claim: claim, offsets: ["a": step(nil, 5), "b": step(nil, 0)]))
        #expect(created.applied && created.bodyRan)
        let moved = try await advance(LaneAdvance(claim: claim, offsets: ["a": step(5, 9)]))
        #expect(moved.applied && moved.bodyRan)
        let state = try await store.read(20)
        #expect(
            state.offsets == ["a": LaneOffset(next: 9, clusterID: "c1"), "b": LaneOffset(next: 0, clusterID: "c1")])
    }

    func theLastRecordIsRememberedWithTheOffset() async throws {
        let claim = try await take(98).claim
        let timed = RecordFingerprint(timestampMilliseconds: 1_795_000_000_123, keyHash: -7)
        let timeless = RecordFingerprint(timestampMilliseconds: nil, keyHash: .max)
        var remembered: [RecordFingerprint?] = []
        for (index, last) in [timed, timeless, nil, timed].enumerated() {
            let from = index == 0 ? nil : Int64(index)
            let step = OffsetStep(from: from, to: Int64(index + 1), clusterID: "c1", last: last)
            let done = try await advance(LaneAdvance(claim: claim, offsets: ["a": step]))
            #expect(done.applied)
            remembered.append(try await store.read(98).offsets["a"]?.last)
        }
        #expect(remembered == [timed, timeless, nil, timed])
        let taken = try await take(98)
        #expect(taken.offsets["a"]?.last == timed)
    }

    func aStaleEpochIsRefusedBeforeTheBodyRuns() async throws {
        let stale = try await take(30).claim
        let current = try await take(30).claim
        let refused = try await advance(LaneAdvance(claim: stale, offsets: ["a": step(nil, 5)]))
        #expect(!refused.applied && !refused.bodyRan)
        let refusedWithoutOffsets = try await advance(LaneAdvance(claim: stale))
        #expect(!refusedWithoutOffsets.applied && !refusedWithoutOffsets.bodyRan)
        let state = try await store.read(30)
        #expect(state.offsets.isEmpty)
        let accepted = try await advance(LaneAdvance(claim: current, offsets: ["a": step(nil, 5)]))
        #expect(accepted.applied)
    }

    func aStaleOffsetIsRefusedBeforeTheBodyRuns() async throws {
        let claim = try await take(40).claim
        let created = try await advance(LaneAdvance(claim: claim, offsets: ["a": step(nil, 5), "b": step(nil, 5)]))
        #expect(created.applied)
        for stale in [step(4, 9), step(nil, 9), step(9, 5)] {
            // "b" is right, and must not move alone.
            let refused = try await advance(LaneAdvance(claim: claim, offsets: ["a": stale, "b": step(5, 6)]))
            #expect(!refused.applied && !refused.bodyRan)
        }
        let missing = try await advance(LaneAdvance(claim: claim, offsets: ["unknown": step(0, 1)]))
        #expect(!missing.applied && !missing.bodyRan)
        let state = try await store.read(40)
        #expect(state.offsets.mapValues(\.next) == ["a": 5, "b": 5])
    }

    func repeatingAnAppliedAdvanceIsRefused() async throws {
        let claim = try await take(50).claim
        let batch = LaneAdvance(claim: claim, offsets: ["a": step(nil, 5)])
        let once = try await advance(batch)
        let twice = try await advance(batch)
        #expect(once.applied)
        #expect(!twice.applied && !twice.bodyRan)
        let state = try await store.read(50)
        #expect(state.claim == claim)
        #expect(state.offsets["a"]?.next == 5)
    }

    func anErrorOfTheBodyRollsEverythingBack() async throws {
        let claim = try await take(60).claim
        let stream = StreamID(topic: "a", source: "s")
        await #expect(throws: Regret.self) {
            try await store.transaction(
                LaneAdvance(claim: claim, offsets: ["a": step(nil, 5)], streams: [stream: 3])
            ) { transaction in
                try await store.append([entry(1)], lane: 60, in: transaction)
                throw Regret()
            }
        }
        let state = try await store.read(60)
        #expect(state == LaneState(claim: claim))
    }

    func theOutboxKeepsItsOrderAndLosesItsPrefix() async throws {
        let claim = try await take(70).claim
        let entries = (1...25).map { entry(Int64($0)) }
        try await store.transaction(LaneAdvance(claim: claim)) { transaction in
            try await store.append(Array(entries[..<3]), lane: 70, in: transaction)
            try await store.append(Array(entries[3...]), lane: 70, in: transaction)
        }
        let full = try await store.read(70)
        #expect(full.outbox == entries)
        #expect(full.nextSequence == 26)

        let acknowledged = try await advance(LaneAdvance(claim: claim, acknowledgedSequence: 20))
        #expect(acknowledged.applied)
        let rest = try await take(70)
        #expect(rest.outbox == Array(entries[20...]))
        #expect(rest.nextSequence == 26, "numbers are never used again")

        let all = try await advance(LaneAdvance(claim: rest.claim, acknowledgedSequence: 25))
        #expect(all.applied)
        let empty = try await store.read(70)
        #expect(empty.outbox.isEmpty)
        #expect(empty.nextSequence == 26)
    }

    func streamsRememberTheHighestNumber() async throws {
        let claim = try await take(80).claim
        let one = StreamID(topic: "a", source: "one")
        let two = StreamID(topic: "b", source: "one")
        for streams in [[one: 7], [one: 9, two: 1], [two: 2], [one: 8]] as [[StreamID: Int64]] {
            let done = try await advance(LaneAdvance(claim: claim, streams: streams))
            #expect(done.applied)
        }
        let state = try await take(80)
        #expect(state.streams == [one: 9, two: 2])
    }

    func lanesDoNotDisturbEachOther() async throws {
        let states = try await store.take([91, 90])
        let left = try #require(states.first { $0.claim.lane == 90 }).claim
        let right = try #require(states.first { $0.claim.lane == 91 }).claim
        let (one, two) = (
            LaneAdvance(claim: left, offsets: ["a": step(nil, 1)]),
            LaneAdvance(claim: right, offsets: ["a": step(nil, 2)])
        )
        try await store.transaction(one) { outer in
            try await store.append([entry(1)], lane: 90, in: outer)
            // Another lane's transaction inside: it must not wait for this one.
            try await store.transaction(two) { inner in
                try await store.append([entry(1)], lane: 91, in: inner)
            }
        }
        let (leftAfter, rightAfter) = (try await store.read(90), try await store.read(91))
        #expect(leftAfter.offsets["a"]?.next == 1)
        #expect(rightAfter.offsets["a"]?.next == 2)
        #expect(leftAfter.outbox.count == 1 && rightAfter.outbox.count == 1)
    }

    func aLaneThatWasNeverTakenReadsAsEpochZero() async throws {
        let state = try await store.read(95)
        #expect(state == LaneState(claim: LaneClaim(lane: 95, epoch: 0)))
    }

    func outboxNumbersOutOfStepAreRefused() async throws {
        let claim = try await take(96).claim
        for sequences in [[2], [1, 3], [1, 1]] as [[Int64]] {
            await #expect(throws: (any Error).self) {
                try await store.transaction(LaneAdvance(claim: claim)) { transaction in
                    try await store.append(sequences.map(entry), lane: 96, in: transaction)
                }
            }
        }
        let state = try await store.read(96)
        #expect(state == LaneState(claim: claim))
    }

    func anEntryIsPutAsideOnce() async throws {
        let claim = try await take(97).claim
        try await store.transaction(LaneAdvance(claim: claim)) { transaction in
            try await store.append([entry(1), entry(2), entry(3)], lane: 97, in: transaction)
        }
        let letter = DeadLetter(
            record: Record(topic: "alerts.v1", partition: -1, offset: 2), reason: "refused_by_broker", detail: "")
        for _ in 0..<2 {
            try await store.transaction(LaneAdvance(claim: claim)) { transaction in
                try await store.putAside(2, lane: 97, as: letter, in: transaction)
                let next = try await store.nextSequence(of: 97, in: transaction)
                #expect(next == 4)
            }
        }
        let state = try await store.read(97)
        #expect(state.outbox == [entry(1), entry(3)])
        let letters = try await deadLetters()
        #expect(letters.filter { $0 == "refused_by_broker" }.count == 1)
    }

    /// Entries with everything that may differ: null and empty keys and values, repeated headers, no headers.
    private func entry(_ sequence: Int64) -> OutboxEntry {
        let headers: [Header] =
            switch sequence % 3 {
            case 0: []
            case 1: [Header("source", text: "s"), Header("none", nil), Header("source", [])]
            default: [Header("binary", [0, 255])]
            }
        return OutboxEntry(
            sequence: sequence,
            record: OutgoingRecord(
                topic: "alerts.v1", partition: sequence % 2 == 0 ? nil : Int32(sequence),
                key: sequence % 4 == 0 ? nil : Array("k\(sequence)".utf8),
                value: sequence % 5 == 0 ? nil : sequence % 7 == 0 ? [] : [UInt8(sequence)], headers: headers))
    }
}
