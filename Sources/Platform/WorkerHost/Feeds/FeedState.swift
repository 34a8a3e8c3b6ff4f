import LaneStorage

/// What a ``ConfigurationFeed`` knows. Pure: the feed holds the lock and does the I/O.
///
/// ```
/// loading ── stored values read ──▶ replaying ── end of the topic ──▶ following
///                                       ▲───── read from the start again ─────┘
/// ```
/// While replaying, only the last record of each key counts: a topic that was not compacted yet begins with old values,
/// which must not come into force again.
struct FeedState<Value: Sendable> {
    private(set) var snapshot = FeedSnapshot<Value>()
    /// Counts the changes of the snapshot.
    private(set) var generation = 0
    /// The end of the topic was reached at least once; what is in force stays so while the topic is read again.
    private(set) var isCaughtUp = false
    private var isReplaying = true
    /// The topic has been given its time; what is stored will do.
    private(set) var isPatienceOver = false
    private(set) var trouble: String?
    private var replayed: [String: [UInt8]?] = [:]

    /// What to do with a record.
    enum Step: Equatable {
        /// Nothing: kept until the end of the replay, or already in force.
        case none
        case adopt(StoredSnapshot)
        case remove(key: String)
    }

    mutating func received(key: String, value: [UInt8]?) -> Step {
        trouble = nil
        guard !isReplaying else {
            replayed[key] = .some(value)
            return .none
        }
        return step(key, value)
    }

    /// The end of the topic was reached.
    mutating func caughtUp() -> [Step] {
        trouble = nil
        guard isReplaying else { return [] }
        defer { replayed = [:] }
        return replayed.sorted { $0.key < $1.key }.map { step($0.key, $0.value) }.filter { $0 != .none }
    }

    /// The steps of ``caughtUp()`` are done: from now on records count as they come.
    mutating func follow() {
        isCaughtUp = true
        isReplaying = false
    }

    /// The topic is read from its first record.
    mutating func begin() {
        isReplaying = true
        replayed = [:]
    }

    mutating func adopted(_ stored: StoredSnapshot, as value: Value) {
        snapshot.entries[stored.key] = .init(value: value, version: stored.version)
        generation += 1
    }

    mutating func removed(_ key: String) {
        snapshot.entries[key] = nil
        generation += 1
    }

    /// - Returns: whether that is news.
    mutating func unreachable(_ reason: String) -> Bool {
        defer { trouble = reason }
        return trouble == nil
    }

    mutating func patienceIsOver() { isPatienceOver = true }

    /// Why consumption must not begin yet; `nil` once it may.
    func waitingFor(topic: String, allowsEmpty: Bool) -> String? {
        let isEmpty = snapshot.entries.isEmpty
        if isCaughtUp {
            return isEmpty && !allowsEmpty ? "no configuration in \(topic) yet; apply one with scrm" : nil
        }
        if !isEmpty && isPatienceOver { return nil }
        return trouble.map { "\(topic) cannot be read: \($0)" } ?? "reading \(topic)"
    }

    private func step(_ key: String, _ value: [UInt8]?) -> Step {
        guard let value else { return snapshot.entries[key] == nil ? .none : .remove(key: key) }
        let version = SnapshotVersion.of(value)
        guard snapshot.entries[key]?.version != version else { return .none }
        return .adopt(StoredSnapshot(key: key, version: version, value: value))
    }
}
