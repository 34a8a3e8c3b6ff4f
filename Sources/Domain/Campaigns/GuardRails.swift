package import Contracts

/// Whether a step may be sent to a customer now, checked in a fixed order: plan active → still matches → relation
/// exists → stop list → consent → quiet hours → caps → repetition.
///
/// What passes by itself (a pause, quiet hours, caps, a complaint's aftermath) puts the touch off while it is valid;
/// everything else, and everything put off beyond the validity, refuses it for good.
package struct GuardRails: Sendable {
    /// A fixed word; what people and dashboards read.
    package enum Reason: String, Sendable, Hashable, CaseIterable {
        case planRemoved = "plan_removed"
        case stepRemoved = "step_removed"
        case planPaused = "plan_paused"
        case expired
        case noLongerMatches = "no_longer_matches"
        case planEnded = "plan_ended"
        case noEmployee = "no_employee"
        case optedOut = "opted_out"
        case stopTag = "stop_tag"
        case openComplaint = "open_complaint"
        case noConsent = "no_consent"
        case quietHours = "quiet_hours"
        case dayCap = "day_cap"
        case weekCap = "week_cap"
        case sameContent = "same_content"
    }

    package enum Verdict: Sendable, Equatable {
        /// In the name of this employee.
        case allow(employeeID: String)
        /// Look again then.
        case wait(until: Int64, Reason)
        case refuse(Reason)
    }

    /// How soon a paused plan is looked at again.
    package static let pauseLook: Int64 = 60_000

    private let configuration: CampaignsConfiguration
    private let calendar: BusinessCalendar
    private let clock: BusinessClock

    package init(_ configuration: CampaignsConfiguration, clock: BusinessClock = .real) {
        self.configuration = configuration
        self.clock = clock
        calendar = BusinessCalendar(timeZone: configuration.timeZone)
    }

    /// One step of one passage that is due.
    package struct Candidate: Sendable {
        package var planID: String
        package var stepID: String
        /// When the passage began.
        package var anchor: Int64
        package var validUntil: Int64

        package init(planID: String, stepID: String, anchor: Int64, validUntil: Int64) {
            self.planID = planID
            self.stepID = stepID
            self.anchor = anchor
            self.validUntil = validUntil
        }
    }

    /// - Parameters:
    ///   - hash: of a step's content.
    ///   - now: real time, milliseconds UTC.
    package func judge(
        _ candidate: Candidate, _ facts: CustomerFacts, now: Int64, hash: (CampaignsConfiguration.Step) -> String
    ) -> Verdict {
        guard let plan = configuration.plans.first(where: { $0.id == candidate.planID }) else {
            return .refuse(.planRemoved)
        }
        guard let step = plan.steps.first(where: { $0.id == candidate.stepID }) else { return .refuse(.stepRemoved) }
        guard now <= candidate.validUntil else { return .refuse(.expired) }
        if configuration.paused || plan.paused {
            return wait(until: now + Self.pauseLook, .planPaused, candidate)
        }
        if !plan.neededTags.isSubset(of: facts.tags) { return .refuse(.noLongerMatches) }
        if plan.endsOn.contains(where: { (facts.signals[$0.signal] ?? .min) >= candidate.anchor }) {
            return .refuse(.planEnded)
        }
        guard let employee = facts.employeeID else { return .refuse(.noEmployee) }
        if facts.hasOptedOut { return .refuse(.optedOut) }
        if !facts.tags.isDisjoint(with: configuration.guards.stopTags) { return .refuse(.stopTag) }
        if let free = complaintsEnd(facts, now: now), free > now { return wait(until: free, .openComplaint, candidate) }
        if !consents(facts) { return .refuse(.noConsent) }
        if let later = laterSlot(facts, now: now) { return wait(until: later.moment, later.reason, candidate) }
        let content = hash(step)
        let since = now - Int64(configuration.guards.repeatDays) * 86_400_000
        if facts.sent.contains(where: { $0.contentHash == content && $0.at > since }) { return .refuse(.sameContent) }
        return .allow(employeeID: employee)
    }

    private func wait(until moment: Int64, _ reason: Reason, _ candidate: Candidate) -> Verdict {
        moment <= candidate.validUntil ? .wait(until: moment, reason) : .refuse(reason)
    }

    /// An open complaint could be resolved now at the earliest.
    private func complaintsEnd(_ facts: CustomerFacts, now: Int64) -> Int64? {
        facts.complaints.map { ($0 ?? now) + Int64(configuration.guards.complaintDays) * 86_400_000 }.max()
    }

    private func consents(_ facts: CustomerFacts) -> Bool {
        switch configuration.guards.consent {
        case .required: facts.consent == true
        case .assumed: facts.consent != false
        }
    }

    /// The first moment that is outside the quiet hours and below the caps, if that is not now, and what stood against
    /// now.
    private func laterSlot(_ facts: CustomerFacts, now: Int64) -> (moment: Int64, reason: Reason)? {
        let shift = clock.shift(at: now, in: calendar)
        let sent = facts.sent.map { $0.at + shift }.sorted()
        let start = now + shift
        var moment = start
        var first: Reason?
        // Each turn moves on by at least a minute; a week's caps and a night are over after a few.
        for _ in 0..<16 {
            guard let (later, reason) = obstacle(at: moment, sent: sent) else { break }
            first = first ?? reason
            moment = later
        }
        return first.map { (moment - shift, $0) }
    }

    private func obstacle(at moment: Int64, sent: [Int64]) -> (Int64, Reason)? {
        let guards = configuration.guards
        let hours = QuietHours(from: guards.quietFrom, until: guards.quietUntil)
        if let end = hours.end(at: moment, in: calendar) { return (end, .quietHours) }
        let today = calendar.startOfDay(moment)
        let tomorrow = calendar.startOfDay(moment, adding: 1)
        if sent.count(where: { $0 >= today && $0 < tomorrow }) >= guards.dayCap { return (tomorrow, .dayCap) }
        let week = sent.filter { $0 > moment - 7 * 86_400_000 && $0 <= moment }
        if week.count >= guards.weekCap { return (week[week.count - guards.weekCap] + 7 * 86_400_000, .weekCap) }
        return nil
    }
}

/// Hours in which customers are left alone; may lie over midnight.
package struct QuietHours: Sendable {
    package var from: TimeOfDay
    package var until: TimeOfDay

    package init(from: TimeOfDay, until: TimeOfDay) {
        self.from = from
        self.until = until
    }

    /// The first allowed moment, if `moment` is in the quiet hours. The first minute is quiet, the last one's end is not.
    package func end(at moment: Int64, in calendar: BusinessCalendar) -> Int64? {
        guard from != until else { return nil }
        let minute = calendar.minute(of: moment)
        let overMidnight = from.minutes > until.minutes
        let isQuiet =
            overMidnight
            ? minute >= from.minutes || minute < until.minutes : minute >= from.minutes && minute < until.minutes
        guard isQuiet else { return nil }
        return calendar.moment(until, onDayOf: moment, adding: overMidnight && minute >= from.minutes ? 1 : 0)
    }
}
