/// Where an alert stands, and how it came there.
package struct AlertStanding: Sendable, Equatable {
    /// The alert whose state it is: another one where this one joined it.
    package var headID: String
    package var life: AlertLife
    /// In the order of what was decided.
    package var history: [AlertHistoryEntry]

    package init(headID: String, life: AlertLife, history: [AlertHistoryEntry] = []) {
        self.headID = headID
        self.life = life
        self.history = history
    }
}
