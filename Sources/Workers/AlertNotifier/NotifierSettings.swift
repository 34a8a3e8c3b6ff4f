package import Alerting

/// What the notifier can be told, beside what every worker can.
package struct NotifierSettings: Sendable {
    /// Where group robots are called.
    package var weComBaseURL: String
    /// Before `/alerts/…` in links.
    package var linkBaseURL: String
    /// Signs the links. Whoever has it can read every alert.
    package var linkSecret: String
    /// How long a link works.
    package var linkLifetime: Duration
    /// Webhooks may have loopback and private addresses.
    package var allowsPrivateWebhooks: Bool
    /// For so long after an alert, further hits of its rule in its conversation join it.
    package var coolDown: Duration
    /// So many hits of one customer within so long make an alert urgent; 0: none ever.
    var frequentHits: Int
    var frequencyWindow: Duration
    /// When the next person hears of an alert that is left alone.
    var escalation: EscalationPolicy
    /// How often a lane looks for escalations that are due.
    var escalationInterval: Duration
    /// How long a due escalation waits at most for the lane to process what the broker holds.
    var escalationPatience: Duration
    /// Working time, for deadlines that count it; `nil`: by the directory's calendars.
    var workingClock: WorkingClock?
    /// A call that takes longer has an unknown outcome.
    package var requestTimeout: Duration
    /// A call begins within this after its claim, or not at all.
    package var claimLifetime: Duration
    /// How often a lane looks for due deliveries when nothing tells it to.
    package var pollInterval: Duration

    package init(
        weComBaseURL: String = "https://qyapi.weixin.qq.com", linkBaseURL: String, linkSecret: String,
        linkLifetime: Duration = .seconds(7 * 86_400), allowsPrivateWebhooks: Bool = false,
        coolDown: Duration = .seconds(600), frequentHits: Int = 3, frequencyWindow: Duration = .seconds(86_400),
        escalation: EscalationPolicy = .standard, escalationInterval: Duration = .seconds(1),
        escalationPatience: Duration = .seconds(60),
        workingClock: WorkingClock? = nil,
        requestTimeout: Duration = .seconds(10), claimLifetime: Duration = .seconds(5),
        pollInterval: Duration = .milliseconds(250)
    ) {
        self.weComBaseURL = weComBaseURL
        self.linkBaseURL = linkBaseURL.hasSuffix("/") ? String(linkBaseURL.dropLast()) : linkBaseURL
        self.linkSecret = linkSecret
        self.linkLifetime = linkLifetime
        self.allowsPrivateWebhooks = allowsPrivateWebhooks
        self.coolDown = coolDown
        self.frequentHits = frequentHits
        self.frequencyWindow = frequencyWindow
        self.escalation = escalation
        self.escalationInterval = escalationInterval
        self.escalationPatience = escalationPatience
        self.workingClock = workingClock
        self.requestTimeout = requestTimeout
        self.claimLifetime = claimLifetime
        self.pollInterval = pollInterval
    }
}
