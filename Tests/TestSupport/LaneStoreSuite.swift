import Records
import Testing
package import WorkerRuntime

/// What every ``LaneStore`` promises, checked on the store that `make` returns: the one on PostgreSQL and the one in
/// memory pass the same suite.
///
/// - Parameters:
///   - make: returns a store in which no lane was ever taken.
///   - deadLetters: id and reason of the dead letters stored, by id.
///   - ask: asks the lane's owner for something, as an operator does.
package func laneStoreSuite<Store: LaneStore>(
    make: () async throws -> Store, deadLetters: @escaping () async throws -> [(id: Int64, reason: String)],
    ask: @escaping (AskedAction, Int32) async throws -> Void
) async throws {
    let suite = LaneStoreSuite(store: try await make(), deadLetters: deadLetters, ask: ask)
    try await suite.takingRaisesTheEpochOnce()
    try await suite.offsetsAreCreatedAndAdvanced()
    try await suite.theLastRecordIsRememberedWithTheOffset()
    try await suite.aConfigurationIsRememberedAndMovesTheBases()
    try await suite.aStaleEpochIsRefusedBeforeTheBodyRuns()
    try await suite.aStaleOffsetIsRefusedBeforeTheBodyRuns()
    try await suite.repeatingAnAppliedAdvanceIsRefused()
    try await suite.anErrorOfTheBodyRollsEverythingBack()
    try await suite.theOutboxKeepsItsOrderAndLosesItsPrefix()
    try await suite.streamsRememberTheHighestNumber()
    try await suite.lanesDoNotDisturbEachOther()
    try await suite.severalLanesAdvanceTogetherOrNotAtAll()
    try await suite.aLaneThatWasNeverTakenReadsAsEpochZero()
    try await suite.outboxNumbersOutOfStepAreRefused()
    try await suite.anEntryIsPutAsideOnce()
    try await suite.recordsWaitBehindTheirKeyInOrder()
    try await suite.whatWaitsIsTakenOutOnce()
    try await suite.requestsAreAnsweredOnce()
    try await suite.newsTellWhichLanesAreLost()
    try await suite.deadLettersAreFoundByTheirRequests()
    try await suite.theLastDeadLetterOfAKeyReleasesIt()
    try await suite.aRolledBackSettlementLeavesEverything()
}

/// What an operator asks for.
package enum AskedAction: Sendable {
    case redrive(letter: Int64)
    case discard(letter: Int64)
    case park([UInt8])
    case unpark([UInt8])
}

/// One scenario per method, each with a lane of its own, so that they share a store.
private struct LaneStoreSuite<Store: LaneStore> {
    let store: Store
    let deadLetters: () async throws -> [(id: Int64, reason: String)]
    let ask: (AskedAction, Int32) async throws -> Void

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

    func aConfigurationIsRememberedAndMovesTheBases() async throws {
        let taken = try await take(97)
        #expect(taken.configuration == nil)
        let steps = ["a": step(nil, 5), "b": step(nil, 0)]
        let created = try await advance(LaneAdvance(claim: taken.claim, offsets: steps))
        #expect(created.applied)
        for (version, base) in [("one", Int64(100)), ("two", 200)] {
            let bases = try await store.transaction(LaneAdvance(claim: taken.claim)) { transaction in
                try await store.renumber(97, under: version, by: 100, in: transaction)
            }
            #expect(bases == ["a": base, "b": base])
            let read = try await store.read(97)
            #expect(read.configuration == version && read.offsets.mapValues(\.base) == bases)
        }
        let again = try await take(97)
        #expect(again.configuration == "two")
        #expect(again.offsets["a"] == LaneOffset(next: 5, base: 200, clusterID: "c1"))
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

    func severalLanesAdvanceTogetherOrNotAtAll() async throws {
        let claims = try await store.take([92, 93]).map(\.claim).sorted { $0.lane < $1.lane }
        let stream = StreamID(topic: "a", source: "one")
        let first = claims.map { LaneAdvance(claim: $0, offsets: ["a": step(nil, 1), "b": step(nil, 2)]) }
        try await store.transaction(together: first) { transaction in
            try await store.append([entry(1), entry(2)], lane: 92, in: transaction)
            try await store.append([entry(1)], lane: 93, in: transaction)
        }
        let second = [
            LaneAdvance(claim: claims[0], offsets: ["a": step(1, 5)], streams: [stream: 3], acknowledgedSequence: 1),
            LaneAdvance(claim: claims[1], offsets: ["b": step(2, 7)], streams: [stream: 4]),
        ]
        try await store.transaction(together: second) { _ in }
        let (left, right) = (try await store.read(92), try await store.read(93))
        #expect(left.offsets.mapValues(\.next) == ["a": 5, "b": 2])
        #expect(right.offsets.mapValues(\.next) == ["a": 1, "b": 7])
        #expect(left.streams == [stream: 3] && right.streams == [stream: 4])
        #expect(left.outbox == [entry(2)] && right.outbox == [entry(1)])

        // One that is not where it is believed to be keeps the other from moving.
        var ran = false
        await #expect(throws: LaneRefused.self) {
            try await store.transaction(together: [
                LaneAdvance(claim: claims[0], offsets: ["a": step(5, 6)]),
                LaneAdvance(claim: claims[1], offsets: ["b": step(6, 8)]),
            ]) { _ in ran = true }
        }
        #expect(!ran)
        await #expect(throws: Regret.self) {
            try await store.transaction(together: [
                LaneAdvance(claim: claims[0], offsets: ["a": step(5, 6)]),
                LaneAdvance(claim: claims[1], offsets: ["b": step(7, 8)]),
            ]) { _ in throw Regret() }
        }
        let (leftAfter, rightAfter) = (try await store.read(92), try await store.read(93))
        #expect(leftAfter == left && rightAfter == right)
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
        #expect(letters.filter { $0.reason == "refused_by_broker" }.count == 1)
    }

    // MARK: Parked keys and requests

    private func park(_ parking: Parking, _ claim: LaneClaim) async throws {
        try await store.transaction(LaneAdvance(claim: claim)) { transaction in
            try await store.park(parking, lane: claim.lane, in: transaction)
        }
    }

    private func settle(_ settlement: Settlement, _ claim: LaneClaim) async throws -> Bool {
        try await store.transaction(LaneAdvance(claim: claim)) { transaction in
            try await store.settle(settlement, lane: claim.lane, in: transaction)
        }
    }

    private func waiting(behind key: [UInt8], _ lane: Int32, count: Int = 100, bytes: Int = 1_000) async throws
        -> [StoredRecord]
    {
        try await store.parkedRecords(behind: key, lane: lane, maximumCount: count, maximumBytes: bytes)
    }

    private func record(_ offset: Int64, weighing bytes: Int = 10, _ lane: Int32) -> Record {
        Record(
            topic: "t", partition: lane, offset: offset, timestampMilliseconds: offset % 2 == 0 ? nil : 7,
            key: offset % 3 == 0 ? nil : [], value: Array(repeating: UInt8(offset), count: bytes - 1),
            headers: [Header("h", offset % 2 == 0 ? nil : [])])
    }

    func recordsWaitBehindTheirKeyInOrder() async throws {
        let claim = try await take(110).claim
        let (one, two): ([UInt8], [UInt8]) = ([1, 0], [2])
        let records = (1...4).map { record($0, 110) }
        try await park(Parking(keys: [one], held: true), claim)
        try await park(
            Parking(keys: [two], records: [.init(key: one, record: records[0]), .init(key: two, record: records[1])]),
            claim)
        try await park(
            Parking(records: [.init(key: one, record: records[2]), .init(key: one, record: records[3])]), claim)

        let state = try await take(110)
        #expect(
            state.parked == [
                one: ParkedKey(held: true, records: 3, bytes: 30),
                two: ParkedKey(held: false, records: 1, bytes: 10),
            ])
        let all = try await waiting(behind: one, 110)
        #expect(all.map(\.record) == [records[0], records[2], records[3]])
        #expect(all.map(\.id) == all.map(\.id).sorted())
        let few = try await waiting(behind: one, 110, count: 2)
        #expect(few.map(\.record.offset) == [1, 3])
        let light = try await waiting(behind: one, 110, bytes: 20)
        #expect(light.map(\.record.offset) == [1, 3])
        let first = try await waiting(behind: one, 110, bytes: 1)
        #expect(first.map(\.record.offset) == [1])
        let elsewhere = try await waiting(behind: one, 111)
        #expect(elsewhere.isEmpty)
    }

    func whatWaitsIsTakenOutOnce() async throws {
        let claim = try await take(120).claim
        let key: [UInt8] = [7]
        try await park(
            Parking(keys: [key], held: true, records: (1...3).map { .init(key: key, record: record($0, 120)) }), claim)
        let all = try await waiting(behind: key, 120)
        var settlement = Settlement()
        settlement.key = key
        settlement.unparked = all.prefix(2).map(\.id)
        settlement.unparkedBytes = 20
        settlement.stopsKey = true
        let once = try await settle(settlement, claim)
        #expect(once)
        let state = try await store.read(120)
        #expect(state.parked == [key: ParkedKey(held: false, records: 1, bytes: 10)])
        let again = try await settle(settlement, claim)
        #expect(!again)
        let rest = try await waiting(behind: key, 120)
        #expect(rest.map(\.record.offset) == [3])
    }

    func requestsAreAnsweredOnce() async throws {
        let claim = try await take(130).claim
        let other = try await take(131).claim
        let before = try await store.news(of: [claim, other])
        #expect(before == LaneNews())
        try await ask(.park([1]), 130)
        try await ask(.unpark([1]), 130)
        let news = try await store.news(of: [claim, other])
        #expect(news == LaneNews(requested: [130]))
        let requests = try await store.requests(of: 130, maximumCount: 10, maximumBytes: 1)
        #expect(requests.map(\.action) == [.park([1]), .unpark([1])])
        let few = try await store.requests(of: 130, maximumCount: 1, maximumBytes: 1)
        #expect(few == [requests[0]])
        var settlement = Settlement()
        settlement.answers = [.init(request: requests[0].id, outcome: .done)]
        let once = try await settle(settlement, claim)
        #expect(once)
        settlement.answers.append(.init(request: requests[1].id, outcome: .gone, detail: "why"))
        try await store.transaction(LaneAdvance(claim: claim)) { transaction in
            let again = try await store.settle(settlement, lane: 130, in: transaction)
            #expect(!again, "one of them was answered before")
        }
    }

    func newsTellWhichLanesAreLost() async throws {
        let (lost, held) = (try await take(132).claim, try await take(133).claim)
        _ = try await take(132)
        let news = try await store.news(of: [lost, held, LaneClaim(lane: 134, epoch: 1)])
        #expect(news == LaneNews(lost: [132, 134]))
    }

    /// - Returns: their ids.
    private func insert(_ letters: [DeadLetter], _ claim: LaneClaim) async throws -> [Int64] {
        let before = Set(try await deadLetters().map(\.id))
        try await store.transaction(LaneAdvance(claim: claim)) { transaction in
            try await store.insert(letters, lane: claim.lane, in: transaction)
        }
        return try await deadLetters().map(\.id).filter { !before.contains($0) }
    }

    func deadLettersAreFoundByTheirRequests() async throws {
        let claim = try await take(140).claim
        let letters = [
            DeadLetter(record: record(1, 140), reason: "rejected", detail: "d", attempts: 2, key: [1]),
            DeadLetter(record: record(2, weighing: 500, 140), reason: "malformed", detail: "", key: nil),
            DeadLetter(record: record(3, 140), reason: "rejected", detail: "", key: [1]),
            DeadLetter(record: record(4, 140), reason: "refused_by_broker", detail: "", isOutgoing: true),
        ]
        let ids = try await insert(letters, claim)
        for id in ids { try await ask(.redrive(letter: id), 140) }
        let requests = try await store.requests(of: 140, maximumCount: 10, maximumBytes: 1_000)
        let expected = zip(ids, letters).map { id, letter in
            StoredDeadLetter(id: id, letter: letter, previous: id == ids[2] ? ids[0] : nil)
        }
        #expect(requests.map(\.action) == expected.map { .redrive($0) })
        let light = try await store.requests(of: 140, maximumCount: 10, maximumBytes: 100)
        #expect(light.map(\.id) == requests.prefix(1).map(\.id))

        var settlement = Settlement()
        settlement.answers = requests.prefix(2).map { .init(request: $0.id, outcome: .done) }
        settlement.removedLetters = [ids[1]]
        settlement.failures = [
            .init(letter: ids[0], reason: "undecidable", detail: "still", attempts: 1, key: [9])
        ]
        let done = try await settle(settlement, claim)
        #expect(done)
        try await ask(.discard(letter: ids[0]), 140)
        let after = try await store.requests(of: 140, maximumCount: 10, maximumBytes: 1_000)
        #expect(after.count == 3)
        guard case .discard(let failed?) = after.last?.action else { throw Regret() }
        #expect(failed.letter.reason == "undecidable" && failed.letter.detail == "still")
        #expect(failed.letter.attempts == 3 && failed.letter.key == [9])
        let remaining = try await deadLetters().map(\.id).filter(ids.contains)
        #expect(remaining == [ids[0], ids[2], ids[3]])
    }

    func theLastDeadLetterOfAKeyReleasesIt() async throws {
        let claim = try await take(150).claim
        let key: [UInt8] = [3]
        let ids = try await insert(
            (1...2).map { DeadLetter(record: record($0, 150), reason: "rejected", detail: "", key: key) }, claim)
        try await park(Parking(keys: [key]), claim)
        for id in ids {
            let open = try await store.requests(of: 150, maximumCount: 10, maximumBytes: 1_000)
            #expect(open.isEmpty, "a dead letter of the key is left")
            try await ask(.discard(letter: id), 150)
            let asked = try await store.requests(of: 150, maximumCount: 10, maximumBytes: 1_000)
            var settlement = Settlement()
            settlement.answers = asked.map { .init(request: $0.id, outcome: .done) }
            settlement.removedLetters = [id]
            settlement.releases = Dictionary(uniqueKeysWithValues: asked.prefix(1).map { (key, $0.id) })
            let done = try await settle(settlement, claim)
            #expect(done)
        }
        let freed = try await store.requests(of: 150, maximumCount: 10, maximumBytes: 1_000)
        #expect(freed.map(\.action) == [.unpark(key)])
        var release = Settlement()
        release.answers = freed.map { .init(request: $0.id, outcome: .done) }
        release.key = key
        release.leavesAt = ["a": 7, "b": 9]
        let released = try await settle(release, claim)
        #expect(released)
        let leaving = try await store.read(150)
        #expect(leaving.parked == [key: ParkedKey(held: false, leavesAt: ["a": 7, "b": 9])])
        try await park(Parking(keys: [key], held: true), claim)
        let again = try await store.read(150)
        #expect(again.parked == [key: ParkedKey(held: true)], "parked again before it had left")
        var forgetting = Settlement()
        forgetting.forgotten = [key]
        let done = try await settle(forgetting, claim)
        #expect(done)
        let state = try await store.read(150)
        #expect(state.parked.isEmpty)
    }

    func aRolledBackSettlementLeavesEverything() async throws {
        let claim = try await take(160).claim
        let key: [UInt8] = [5]
        try await park(Parking(keys: [key], records: [.init(key: key, record: record(1, 160))]), claim)
        try await ask(.unpark(key), 160)
        let before = try await store.requests(of: 160, maximumCount: 10, maximumBytes: 1_000)
        let stored = try await waiting(behind: key, 160)
        var settlement = Settlement()
        settlement.answers = before.map { .init(request: $0.id, outcome: .done) }
        settlement.key = key
        settlement.unparked = stored.map(\.id)
        settlement.unparkedBytes = 10
        await #expect(throws: Regret.self) {
            try await store.transaction(LaneAdvance(claim: claim)) { transaction in
                _ = try await store.settle(settlement, lane: 160, in: transaction)
                throw Regret()
            }
        }
        let after = try await store.requests(of: 160, maximumCount: 10, maximumBytes: 1_000)
        #expect(after == before)
        let left = try await waiting(behind: key, 160)
        #expect(left == stored)
        let state = try await store.read(160)
        #expect(state.parked == [key: ParkedKey(held: false, records: 1, bytes: 10)])
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
