/// A topic a worker consumes.
package struct SourceTopic: Sendable, Hashable {
    package var name: String
    /// Its records carry `source` and `source-seq` (derived and outbox topics): what was seen before is dropped. The
    /// records of a door carry none, and headers of that name there mean nothing.
    package var numbered: Bool

    package init(_ name: String, numbered: Bool) {
        self.name = name
        self.numbered = numbered
    }
}

/// Where a lane begins in a topic that it never read. Resolved once and stored before the first record.
package enum StartPolicy: String, Sendable, Hashable, CaseIterable {
    case earliest
    case latest
}
