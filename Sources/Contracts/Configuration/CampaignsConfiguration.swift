/// Value of `config.campaigns.v1`: the touch plans of a corp and the guard rails they all share, as one validated set.
package struct CampaignsConfiguration: Codable, Sendable, Equatable {
    package static let kind = "campaigns"

    package var corpID: String
    /// IANA name; days and hours of all plans are of this zone.
    package var timeZone: String
    /// Nothing of any plan is sent.
    package var paused: Bool
    package var guards: Guards
    package var plans: [Plan]

    package init(
        corpID: String, timeZone: String = "Asia/Shanghai", paused: Bool = false, guards: Guards, plans: [Plan]
    ) {
        self.corpID = corpID
        self.timeZone = timeZone
        self.paused = paused
        self.guards = guards
        self.plans = plans
    }

    /// What holds for every customer, whichever plan wants to write.
    package struct Guards: Codable, Sendable, Equatable {
        package var consent: Consent
        /// Nothing is sent from ``quietFrom`` until ``quietUntil``; equal: no quiet hours.
        package var quietFrom: TimeOfDay
        package var quietUntil: TimeOfDay
        /// Messages a customer gets in a calendar day, over all plans.
        package var dayCap: Int
        /// Messages a customer gets in seven days, over all plans.
        package var weekCap: Int
        /// For so many days the same content does not go to the same customer again.
        package var repeatDays: Int
        /// For so many days after a customer's complaint was resolved nothing is sent.
        package var complaintDays: Int
        /// Customers with one of these tags get nothing.
        package var stopTags: [String]
        /// Alert rules whose hit in a customer's words is an opt-out (退订).
        package var optOutRules: [String]

        package init(
            consent: Consent, quietFrom: TimeOfDay, quietUntil: TimeOfDay, dayCap: Int = 1, weekCap: Int = 3,
            repeatDays: Int = 30, complaintDays: Int = 7, stopTags: [String] = [], optOutRules: [String] = []
        ) {
            self.consent = consent
            self.quietFrom = quietFrom
            self.quietUntil = quietUntil
            self.dayCap = dayCap
            self.weekCap = weekCap
            self.repeatDays = repeatDays
            self.complaintDays = complaintDays
            self.stopTags = stopTags
            self.optOutRules = optOutRules
        }

        enum CodingKeys: String, CodingKey {
            case consent
            case quietFrom = "quiet_from"
            case quietUntil = "quiet_until"
            case dayCap = "day_cap"
            case weekCap = "week_cap"
            case repeatDays = "repeat_days"
            case complaintDays = "complaint_days"
            case stopTags = "stop_tags"
            case optOutRules = "opt_out_rules"
        }
    }

    package enum Consent: String, Codable, Sendable, Hashable, CaseIterable {
        /// Only customers who gave it (`consent.given`).
        case required
        /// Everybody who did not withdraw it (`consent.withdrawn`).
        case assumed
    }

    enum CodingKeys: String, CodingKey {
        case corpID = "corp_id"
        case timeZone = "time_zone"
        case paused
        case guards
        case plans
    }
}
