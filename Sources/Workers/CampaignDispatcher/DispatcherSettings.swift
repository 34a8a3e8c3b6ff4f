package import Campaigns
import Contracts
package import WorkerHost

/// What the dispatcher can be told, beside what every worker can.
package struct DispatcherSettings: Sendable {
    /// Where the WeCom API is.
    package var weComBaseURL: String
    /// What time it is for the guards.
    package var clock: BusinessClock
    /// A call that takes longer has an unknown outcome.
    package var requestTimeout: Duration
    /// A call begins within this after its claim, or not at all.
    package var claimLifetime: Duration
    /// How often a lane looks for something due.
    package var pollInterval: Duration
    /// A timer fires once the lane has passed what its topics held when it was due, and after this in any case.
    package var lagPatience: Duration
    /// For so long after a call with an unknown outcome the platform is asked for its task; then it is unsure.
    package var askFor: Duration
    /// Pause before the first question for results, and the shortest between two.
    package var resultInterval: Duration

    package init(
        weComBaseURL: String = "https://qyapi.weixin.qq.com", clock: BusinessClock = .real,
        requestTimeout: Duration = .seconds(10), claimLifetime: Duration = .seconds(5),
        pollInterval: Duration = .milliseconds(250), lagPatience: Duration = .seconds(60),
        askFor: Duration = .seconds(300), resultInterval: Duration = .seconds(10)
    ) {
        self.weComBaseURL = weComBaseURL
        self.clock = clock
        self.requestTimeout = requestTimeout
        self.claimLifetime = claimLifetime
        self.pollInterval = pollInterval
        self.lagPatience = lagPatience
        self.askFor = askFor
        self.resultInterval = resultInterval
    }
}

extension DispatcherSettings {
    package static let weComBaseURL = Setting(
        "wecom.base-url", environment: "WECOM_BASE_URL", flag: "--wecom-base-url",
        help: "Where the WeCom API is. Default: https://qyapi.weixin.qq.com.")
    package static let clock = Setting(
        "campaign.clock", environment: "CAMPAIGN_CLOCK", flag: "--campaign-clock",
        help:
            "For demonstrations: what time it is for quiet hours and caps, as an offset (+3h, -90m) or as a fixed time of the day (10:00). Default: the real time."
    )
    package static let askFor = Setting(
        "campaign.ask-seconds", environment: "CAMPAIGN_ASK_SECONDS", flag: "--campaign-ask-seconds",
        help:
            "Seconds for which the platform is asked what became of a call without an answer, 1 to 86400; then its touches are unsure. Default: 300."
    )
    package static let resultInterval = Setting(
        "campaign.result-seconds", environment: "CAMPAIGN_RESULT_SECONDS", flag: "--campaign-result-seconds",
        help: "Shortest pause between two questions for a task's results, 1 to 3600 seconds. Default: 10.")

    /// Every setting of the dispatcher beside the ones of every worker.
    package static let all = [weComBaseURL, clock, askFor, resultInterval]

    /// Reads and checks; faults are collected in `reader`.
    package init(_ reader: inout SettingsReader) {
        let base = reader.value(Self.weComBaseURL, default: "https://qyapi.weixin.qq.com") {
            (text) throws(InvalidSetting) in
            guard text.hasPrefix("https://") || text.hasPrefix("http://") else {
                throw InvalidSetting("must be an http:// or https:// address")
            }
            return text
        }
        let clock = reader.value(Self.clock, default: BusinessClock.real) { (text) throws(InvalidSetting) in
            guard let clock = BusinessClock(text) else {
                throw InvalidSetting("must be an offset such as +3h or -90m, or a time of the day such as 10:00")
            }
            return clock
        }
        self.init(
            weComBaseURL: base, clock: clock,
            askFor: .seconds(reader.integer(Self.askFor, in: 1...86_400, default: 300)),
            resultInterval: .seconds(reader.integer(Self.resultInterval, in: 1...3_600, default: 10)))
    }
}
