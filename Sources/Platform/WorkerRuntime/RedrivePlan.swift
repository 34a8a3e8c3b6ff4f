import Records

/// A record taken out of the store to be processed again.
struct Redriven: Sendable {
    enum Origin: Sendable {
        case letter(StoredDeadLetter, request: Int64)
        case parked(id: Int64, key: [UInt8], request: Int64)
    }

    var record: Record
    var origin: Origin

    /// The dead letters that the first of some requests are about, each once and by age: what an operator asked for first
    /// may have come later.
    static func letters(_ requests: [LaneRequest]) -> [Redriven] {
        var letters: [Int64: Redriven] = [:]
        for request in requests {
            guard case .redrive(let stored) = request.action else { break }
            guard let stored else { continue }
            // Asked for twice: the second time it will be gone.
            if letters[stored.id] != nil { break }
            letters[stored.id] = Redriven(record: stored.letter.record, origin: .letter(stored, request: request.id))
        }
        return letters.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Answers to those of the first requests whose dead letter is gone.
    static func gone(_ requests: [LaneRequest]) -> [Settlement.Answer] {
        var answers: [Settlement.Answer] = []
        for request in requests {
            guard case .redrive(let stored) = request.action else { break }
            if stored == nil { answers.append(.init(request: request.id, outcome: .gone)) }
        }
        return answers
    }
}

/// What the transactions of one redrive have in common.
struct RedriveCourse: Sendable {
    /// Dead letters that are dealt with, so that the next of their key may follow.
    var settled: Set<Int64> = []
    /// The key that is unparked waits again, behind a dead letter.
    var isStopped = false
}

/// What one transaction of a redrive does with the first of some records. Pure.
struct RedrivePlan<Handler: BatchHandler>: Sendable {
    var settlement = Settlement()
    var items: [Batch<Handler.Event>.Item] = []
    /// To be published again, as they are.
    var outgoing: [OutgoingRecord] = []
    /// Parked records that cannot be processed.
    var deadLetters: [DeadLetter] = []
    /// How many of the records it deals with.
    var count = 0
    /// The course once it is committed.
    var course: RedriveCourse

    private let waits: Bool

    init(
        _ records: ArraySlice<Redriven>, _ course: RedriveCourse, _ state: LaneState, _ handler: Handler,
        key: (Handler.Event) -> [UInt8]?
    ) {
        self.course = course
        waits = handler.waitsBehindDeadLetters
        for one in records {
            if case .letter(let stored, let request) = one.origin, stored.letter.isOutgoing {
                outgoing.append(OutgoingRecord(again: one.record))
                settle(stored, request)
            } else {
                do throws(Undecodable) {
                    if let event = try handler.decode(one.record) {
                        admit(one, event, key(event), state)
                    } else {
                        take(one, as: .skipped, key: nil, state)
                    }
                } catch {
                    // Those behind it must not go on in the same transaction.
                    if case .parked = one.origin, waits, count > 0 { return }
                    fail(one, Poisoned(error), key: nil)
                }
            }
            count += 1
            if self.course.isStopped { return }
        }
    }

    /// The transaction that keeps a poison record.
    init(failing one: Redriven, _ poison: Poisoned, _ course: RedriveCourse, _ handler: Handler, key: [UInt8]?) {
        self.course = course
        waits = handler.waitsBehindDeadLetters
        fail(one, poison, key: key)
        count = 1
    }

    private mutating func admit(_ one: Redriven, _ event: Handler.Event, _ key: [UInt8]?, _ state: LaneState) {
        if case .letter(let stored, let request) = one.origin {
            if let key, state.parked[key]?.held == true {
                return refuse(request, "an operator has parked its key: unpark that first")
            }
            if waits, let previous = stored.previous, !course.settled.contains(previous) {
                return refuse(request, "dead letter \(previous) of the same key must be redriven or discarded first")
            }
        }
        items.append(.init(event: event, record: one.record))
        take(one, as: .done, key: key, state)
    }

    private mutating func refuse(_ request: Int64, _ detail: String) {
        settlement.answers.append(.init(request: request, outcome: .refused, detail: detail))
    }

    /// Out of the store.
    private mutating func take(_ one: Redriven, as outcome: RequestOutcome, key: [UInt8]?, _ state: LaneState) {
        switch one.origin {
        case .letter(let stored, let request):
            settle(stored, request, outcome)
            if let key = key ?? stored.letter.key, state.parked[key]?.waitsBehindLetters == true {
                settlement.releases[key] = request
            }
        case .parked(let id, let key, _): unpark(id, key, one.record)
        }
    }

    private mutating func settle(
        _ stored: StoredDeadLetter, _ request: Int64, _ outcome: RequestOutcome = .done
    ) {
        settlement.removedLetters.append(stored.id)
        settlement.answers.append(.init(request: request, outcome: outcome))
        course.settled.insert(stored.id)
    }

    private mutating func unpark(_ id: Int64, _ key: [UInt8], _ record: Record) {
        settlement.key = key
        settlement.unparked.append(id)
        settlement.unparkedBytes += record.byteCount
    }

    private mutating func fail(_ one: Redriven, _ poison: Poisoned, key: [UInt8]?) {
        switch one.origin {
        case .letter(let stored, let request):
            settlement.failures.append(
                .init(
                    letter: stored.id, reason: poison.reason, detail: poison.detail, attempts: poison.attempts,
                    key: key ?? stored.letter.key))
            settlement.answers.append(.init(request: request, outcome: .failed, detail: poison.detail))
        case .parked(let id, let key, let request):
            unpark(id, key, one.record)
            deadLetters.append(
                DeadLetter(
                    record: one.record, reason: poison.reason, detail: poison.detail, attempts: poison.attempts,
                    key: key))
            guard waits else { return }
            settlement.stopsKey = true
            settlement.answers.append(.init(request: request, outcome: .failed, detail: poison.detail))
            course.isStopped = true
        }
    }
}

extension OutgoingRecord {
    /// A record that the broker refused, as it was meant to go out.
    fileprivate init(again record: Record) {
        self.init(
            topic: record.topic, partition: record.partition < 0 ? nil : record.partition, key: record.key,
            value: record.value, headers: record.headers)
    }
}
