/// What the guards know of a customer. Moments are milliseconds UTC.
package struct CustomerFacts: Sendable, Equatable {
    /// Whoever spoke with the customer last.
    package var employeeID: String?
    package var tags: Set<String>
    package var hasOptedOut: Bool
    /// `nil`: never asked.
    package var consent: Bool?
    /// Complaints (alerts on the customer's own words): when each was resolved, `nil` while it is open.
    package var complaints: [Int64?]
    /// What was sent, or may have been.
    package var sent: [Sent]
    /// When the conditions that plans look at were last true.
    package var signals: [String: Int64]

    package struct Sent: Sendable, Equatable {
        package var at: Int64
        package var contentHash: String

        package init(at: Int64, contentHash: String) {
            self.at = at
            self.contentHash = contentHash
        }
    }

    package init(
        employeeID: String? = nil, tags: Set<String> = [], hasOptedOut: Bool = false, consent: Bool? = nil,
        complaints: [Int64?] = [], sent: [Sent] = [], signals: [String: Int64] = [:]
    ) {
        self.employeeID = employeeID
        self.tags = tags
        self.hasOptedOut = hasOptedOut
        self.consent = consent
        self.complaints = complaints
        self.sent = sent
        self.signals = signals
    }
}
