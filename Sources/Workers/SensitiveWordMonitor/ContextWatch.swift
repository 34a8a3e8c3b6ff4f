/// An alert that is told of later lines of its conversation, and of what is withdrawn.
package struct ContextWatch: Codable, Sendable, Equatable {
    package var alertID: String
    /// When the hit was said, milliseconds UTC.
    package var saidAt: Int64
    /// The archive's number of the hit's message, when known.
    package var sequence: UInt64?
    /// Later lines told so far.
    package var told: Int
    /// `msgid`s of the lines it knows, the hit among them: none is told twice.
    package var known: [String]

    package init(alertID: String, saidAt: Int64, sequence: UInt64?, told: Int = 0, known: [String]) {
        self.alertID = alertID
        self.saidAt = saidAt
        self.sequence = sequence
        self.told = told
        self.known = known
    }

    /// Whether the message was archived before the hit, and only comes late or again.
    func isPreceded(by message: UInt64?) -> Bool {
        guard let sequence, let message else { return false }
        return message < sequence
    }

    enum CodingKeys: String, CodingKey {
        case alertID = "alert_id"
        case saidAt = "said_at"
        case sequence = "seq"
        case told
        case known
    }
}
