package import WorkerRuntime

/// The tables of dead letters, parked records and requests, in memory.
package struct WaitingRecords: Sendable {
    package struct Request: Sendable {
        package enum Action: Sendable, Equatable {
            case redrive(letter: Int64)
            case discard(letter: Int64)
            case park([UInt8])
            case unpark([UInt8])
        }

        package var id: Int64
        package var lane: Int32
        package var action: Action
        /// `nil` while it waits.
        package var answer: Settlement.Answer?
    }

    struct Letter: Sendable {
        var id: Int64
        var lane: Int32
        var letter: DeadLetter
    }

    struct Parked: Sendable {
        var id: Int64
        var lane: Int32
        var parked: ParkedRecord
    }

    enum Change: Sendable {
        case keep([DeadLetter], lane: Int32)
        case park([ParkedRecord], lane: Int32)
        case settle(Settlement, lane: Int32)
    }

    var letters: [Letter] = []
    var parked: [Parked] = []
    package private(set) var requests: [Request] = []
    private var lastID: Int64 = 0

    private mutating func nextID() -> Int64 {
        lastID += 1
        return lastID
    }

    /// Ids of the dead letters, oldest first.
    package var letterIDs: [Int64] { letters.map(\.id) }

    var lettersByLane: [(id: Int64, lane: Int32)] { letters.map { ($0.id, $0.lane) } }

    /// Records that wait behind keys.
    package var parkedRecords: [ParkedRecord] { parked.map(\.parked) }

    package mutating func ask(_ action: Request.Action, lane: Int32) {
        requests.append(Request(id: nextID(), lane: lane, action: action))
    }

    func isSettled(_ settlement: Settlement) -> Bool {
        !settlement.answers.allSatisfy { answer in requests.contains { $0.id == answer.request && $0.answer == nil } }
            || !settlement.removedLetters.allSatisfy { id in letters.contains { $0.id == id } }
            || !settlement.unparked.allSatisfy { id in parked.contains { $0.id == id } }
    }

    mutating func apply(_ change: Change) {
        switch change {
        case .keep(let new, let lane):
            for letter in new { letters.append(Letter(id: nextID(), lane: lane, letter: letter)) }
        case .park(let records, let lane):
            for record in records { parked.append(Parked(id: nextID(), lane: lane, parked: record)) }
        case .settle(let settlement, let lane):
            for answer in settlement.answers {
                guard let index = requests.firstIndex(where: { $0.id == answer.request }) else { continue }
                requests[index].answer = answer
            }
            for failure in settlement.failures {
                guard let index = letters.firstIndex(where: { $0.id == failure.letter }) else { continue }
                letters[index].letter.reason = failure.reason
                letters[index].letter.detail = failure.detail
                letters[index].letter.attempts += failure.attempts
                letters[index].letter.key = failure.key
            }
            letters.removeAll { settlement.removedLetters.contains($0.id) }
            parked.removeAll { settlement.unparked.contains($0.id) }
            for key in settlement.releases.keys.sorted(by: { $0.lexicographicallyPrecedes($1) })
            where !letters.contains(where: { $0.lane == lane && $0.letter.key == key }) {
                ask(.unpark(key), lane: lane)
            }
        }
    }

    func stored(_ id: Int64) -> StoredDeadLetter? {
        guard let letter = letters.first(where: { $0.id == id }) else { return nil }
        let previous = letters.last { other in
            other.id < id && other.lane == letter.lane && other.letter.key != nil
                && other.letter.key == letter.letter.key
        }
        return StoredDeadLetter(id: id, letter: letter.letter, previous: previous?.id)
    }
}
