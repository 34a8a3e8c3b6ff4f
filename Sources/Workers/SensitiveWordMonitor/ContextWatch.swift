/// An alert that is told of later lines of its conversation, and of what is withdrawn.
package struct ContextWatch: Codable, Sendable, Equatable {
    package var alertID: String
    /// When the hit was said, milliseconds UTC.
    package var saidAt: Int64
    /// Later lines told so far.
    package var told: Int
    /// `msgid`s of the lines it knows, the hit among them: none is told twice.
    package var known: [String]

    package init(alertID: String, saidAt: Int64, told: Int = 0, known: [String]) {
        self.alertID = alertID
        self.saidAt = saidAt
        self.told = told
        self.known = known
    }

    enum CodingKeys: String, CodingKey {
        case alertID = "alert_id"
        case saidAt = "said_at"
        case told
        case known
    }
}
