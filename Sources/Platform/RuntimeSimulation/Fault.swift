/// What can go wrong in a scenario. Each seed draws some of them.
package enum Fault: String, CaseIterable, Sendable {
    // MARK: Now and then

    /// A process dies at one of its next awaits; what its producer had accepted arrives in part.
    case crash
    /// A process stands still at one of its next awaits, longer than its session, and so does its producer; others take
    /// over, then it goes on where it stood and what it had published arrives late.
    case stall
    /// A process stands still at one of its next awaits, but not long enough to be missed.
    case pause
    /// A process is asked to stop, and another one starts.
    case restart
    /// A producer has a fatal error: what it had accepted arrives in part, partition by partition.
    case producerFailure
    case databaseAway
    case brokerAway
    /// The group hands out its lanes anew while a batch is in hand.
    case rebalance
    /// The group tells several members that a lane is theirs.
    case twoOwners
    /// A lane goes to another member and comes back at once (A→B→A).
    case handBack
    /// The wall clock is set forward or back.
    case clockJump
    /// A database is restored from an earlier state, and its lanes are reset as the documentation says.
    case restoredDatabase
    /// Other rules are adopted, whoever has a batch in hand.
    case swappedRules
    /// At the door, records wait behind a bad one of their key; an operator parks and unparks keys of both workers and
    /// redrives, at first in vain. What was bad is repaired when the world heals.
    case parkedKeys

    // MARK: All the time

    /// COMMIT never reaches the database.
    case lostRequests
    /// COMMIT is performed and its answer is lost.
    case lostAnswers
    /// COMMIT is performed only some time after its connection broke.
    case lateCommits
    /// Some calls take up to 2.5 seconds.
    case slowCalls
    /// The broker takes its time with some publications.
    case lateDeliveries
    /// The producer's queue is so small that publishing waits for room.
    case fullQueue
    /// Some records can't be decoded, judged or stored.
    case poison

    /// Those that happen at a moment.
    package static let occasional: [Fault] = [
        .crash, .stall, .pause, .restart, .producerFailure, .databaseAway, .brokerAway, .rebalance, .twoOwners,
        .handBack, .clockJump, .restoredDatabase, .swappedRules, .parkedKeys,
    ]
}
