extension CorpsConfiguration {
    /// The corp's own WeCom app: it writes to people directly.
    package struct App: Codable, Sendable, Equatable {
        /// `agentid` in the platform's console.
        package var agentID: Int
        /// Where the app's secret is: `env:NAME` or `file:PATH`.
        package var secret: String
        /// Where the token and the EncodingAESKey of the app's call-back are; `nil` for no call-back, and then cards have
        /// no buttons. Both or neither.
        package var callbackToken: String?
        package var callbackKey: String?

        package init(agentID: Int, secret: String, callbackToken: String? = nil, callbackKey: String? = nil) {
            self.agentID = agentID
            self.secret = secret
            self.callbackToken = callbackToken
            self.callbackKey = callbackKey
        }

        /// Clicks can come back.
        package var hasCallback: Bool { callbackToken != nil && callbackKey != nil }

        enum CodingKeys: String, CodingKey {
            case agentID = "agent_id"
            case secret
            case callbackToken = "callback_token"
            case callbackKey = "callback_key"
        }
    }

    /// Whom alerts go to, beside what their rule names. Every route that matches adds its recipients.
    package struct Route: Codable, Sendable, Equatable {
        // What must be so; `nil` for anything.

        /// Rule ids.
        package var rules: [String]?
        package var severities: [Severity]?
        /// Who said it.
        package var side: RulesConfiguration.Side?
        /// Main department of the employee concerned, or one above it.
        package var departments: [Int]?

        // Who is told.

        /// By the app: the leader of the employee concerned; see ``DirectoryConfiguration``.
        package var leader: Bool
        /// By the app: these people.
        package var recipients: [String]
        package var robots: [String]
        package var webhooks: [String]

        package init(
            rules: [String]? = nil, severities: [Severity]? = nil, side: RulesConfiguration.Side? = nil,
            departments: [Int]? = nil, leader: Bool = false, recipients: [String] = [], robots: [String] = [],
            webhooks: [String] = []
        ) {
            self.rules = rules
            self.severities = severities
            self.side = side
            self.departments = departments
            self.leader = leader
            self.recipients = recipients
            self.robots = robots
            self.webhooks = webhooks
        }
    }

    /// When people are left in peace. Levels 3 and 4 never wait.
    package struct Quiet: Codable, Sendable, Equatable {
        /// Alerts of levels 1 and 2 that come in the night wait for its end; `nil` for never.
        package var night: Night?
        /// Alerts of level 1 (提示) wait for this time of the day and are told together; `nil` for at once.
        package var summaryAt: TimeOfDay?

        package init(night: Night? = nil, summaryAt: TimeOfDay? = nil) {
            self.night = night
            self.summaryAt = summaryAt
        }

        /// What `scrm corps apply` writes for a corp that says nothing.
        package static let standard = Quiet(
            night: TimeOfDay(minutes: 22 * 60).flatMap { from in
                TimeOfDay(minutes: 8 * 60 + 30).map { Night(from: from, until: $0) }
            }, summaryAt: TimeOfDay(minutes: 18 * 60))

        enum CodingKeys: String, CodingKey {
            case night
            case summaryAt = "summary_at"
        }
    }

    package struct Night: Codable, Sendable, Equatable {
        package var from: TimeOfDay
        /// Of the next day when it is not after `from`.
        package var until: TimeOfDay

        package init(from: TimeOfDay, until: TimeOfDay) {
            self.from = from
            self.until = until
        }
    }
}
