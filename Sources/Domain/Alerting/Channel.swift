/// A way to reach people.
package enum Channel: String, Sendable, Hashable, Codable, CaseIterable {
    /// A WeCom group robot: markdown, 20 messages a minute.
    case robot
    /// A generic webhook: signed JSON, one call per alert.
    case webhook
    /// A message of the corp's own WeCom app to one person: a card for each alert, a summary when there are many.
    case app
}

/// One place that alerts can be sent to. Its budget and its order belong to exactly one lane.
package struct DeliveryTarget: Sendable, Hashable {
    package let corpID: String
    package let channel: Channel
    /// The id of the robot or webhook in the corps configuration; the person's user id for the app.
    package let id: String

    /// - Parameter id: of a person in any case, as the platform takes it; kept in lower case, so that one person has one
    ///   budget.
    package init(corpID: String, channel: Channel, id: String) {
        self.corpID = corpID
        self.channel = channel
        self.id = channel == .app ? id.lowercased() : id
    }

    /// The lane that sends to this target: a stable hash, the same in every process and for ever.
    ///
    /// - Parameter laneCount: the number of partitions of `alerts.v1`; values below 1 count as 1.
    package func lane(of laneCount: Int32) -> Int32 {
        // FNV-1a, 64 bits. Swift's own hashing is seeded per process.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for part in [corpID, channel.rawValue, id] {
            for byte in part.utf8 {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
            }
            hash = (hash ^ 0xff) &* 0x100_0000_01b3  // 0xff never occurs in UTF-8, so parts cannot run together
        }
        return Int32(hash % UInt64(max(laneCount, 1)))
    }
}
