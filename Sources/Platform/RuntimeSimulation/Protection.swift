/// What keeps the promise. A test takes one away to show that the simulation notices.
///
/// Some are taken away in the simulated world. The others are the runtime's own; it is told by `RuntimeProtections`, which
/// no setting reaches.
package enum Protection: String, CaseIterable, Sendable {
    /// The store compares the offsets before it writes.
    case compareAndSet
    /// The store compares the epoch before it writes.
    case epoch
    /// A lane is read again when the store has refused it. Without: what was refused is taken for applied.
    case rereadingTheLane
    /// What is in hand is finished before the group hears that the lanes are free.
    case drainBeforeUnassign
    /// Decisions are published in the order of their numbers.
    case outboxOrder
    /// Records whose number was seen are dropped.
    case sourceSequence
    /// Derived numbers jump ahead when another configuration is in force.
    case renumbering
    /// Numbers jump ahead after a restore.
    case sequenceJump
    /// They jump beyond what any database ever gave. Without: only beyond what the restored one knows.
    case jumpByTime
    /// Epochs jump ahead after a restore.
    case epochJump
    /// A batch with a poison record is cut down to it.
    case bisection
    /// What a worker holds is bounded.
    case boundedQueues
    /// Later records of a parked key are kept behind it.
    case keptBehindKeys
    /// What is taken out of the store to be processed again is still there.
    case settledOnce
}

extension Protection {
    /// The simulation must miss it within so many seeds, counted from the first.
    package var seedsUntilMissed: UInt64 {
        switch self {
        case .compareAndSet, .rereadingTheLane, .outboxOrder, .sourceSequence, .bisection, .boundedQueues: 200
        case .keptBehindKeys: 500
        case .epoch, .renumbering, .sequenceJump, .jumpByTime: 1_500
        case .drainBeforeUnassign, .epochJump: 4_000
        case .settledOnce: 6_000
        }
    }
}
