package import Contracts

/// What came after an alert in its conversation.
package struct AlertFollowUp: Sendable, Equatable {
    /// In order.
    package var lines: [ContextLine]
    /// Withdrawn since: the hit or lines around it.
    package var recalledMessageIDs: Set<String>

    package init(lines: [ContextLine] = [], recalledMessageIDs: Set<String> = []) {
        self.lines = lines
        self.recalledMessageIDs = recalledMessageIDs
    }
}
