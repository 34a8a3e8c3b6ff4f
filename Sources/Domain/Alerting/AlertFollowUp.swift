package import Contracts

/// What came after an alert.
package struct AlertFollowUp: Sendable, Equatable {
    /// In order.
    package var lines: [ContextLine]
    /// Withdrawn since: the hit or lines around it.
    package var recalledMessageIDs: Set<String>
    /// The first hits that joined it, in the order in which they were said.
    package var joined: [Alert]
    /// How many there are in all.
    package var joinedCount: Int
    /// The alert that it joined itself.
    package var joinedAlertID: String?

    package init(
        lines: [ContextLine] = [], recalledMessageIDs: Set<String> = [], joined: [Alert] = [], joinedCount: Int = 0,
        joinedAlertID: String? = nil
    ) {
        self.lines = lines
        self.recalledMessageIDs = recalledMessageIDs
        self.joined = joined
        self.joinedCount = joinedCount
        self.joinedAlertID = joinedAlertID
    }
}
