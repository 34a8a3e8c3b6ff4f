import Campaigns
import Contracts
import Foundation
import Testing

@Suite("Campaigns: guards and schedule")
struct CampaignGuardTests {
    private static let calendar = BusinessCalendar(timeZone: "Asia/Shanghai")
    private static let hour: Int64 = 3_600_000
    private static let day: Int64 = 24 * hour

    /// A moment in Shanghai, `2026-03-10 20:59:59`.
    private static func at(_ text: String) throws -> Int64 {
        let date = try Date(text.replacing(" ", with: "T") + "+08:00", strategy: .iso8601)
        return Int64(date.timeIntervalSince1970 * 1000)
    }

    private static func configuration(
        paused: Bool = false, planPaused: Bool = false, consent: CampaignsConfiguration.Consent = .assumed,
        quiet: (String, String) = ("21:00", "09:00"), requires: [String] = [],
        trigger: CampaignsConfiguration.Condition = .event("cart.added"), repeatDays: Int = 30
    ) throws -> CampaignsConfiguration {
        CampaignsConfiguration(
            corpID: "ww1", paused: paused,
            guards: .init(
                consent: consent, quietFrom: try #require(TimeOfDay(quiet.0)),
                quietUntil: try #require(TimeOfDay(quiet.1)), repeatDays: repeatDays, stopTags: ["blacklist"]),
            plans: [
                .init(
                    id: "p", name: "p", paused: planPaused, trigger: trigger, requires: requires,
                    endsOn: [.event("order.paid")], steps: [.init(id: "s", moment: .after(minutes: 0), text: "hello")])
            ])
    }

    private static func judge(
        _ configuration: CampaignsConfiguration, _ facts: CustomerFacts, now: Int64, anchor: Int64? = nil,
        valid: Int64 = day, clock: BusinessClock = .real, plan: String = "p", step: String = "s"
    ) -> GuardRails.Verdict {
        GuardRails(configuration, clock: clock).judge(
            .init(planID: plan, stepID: step, anchor: anchor ?? now - 1, validUntil: now + valid), facts, now: now
        ) { $0.text }
    }

    private static let friend = CustomerFacts(employeeID: "hejun")

    @Test(arguments: [
        ("2026-03-10 20:59:59", nil), ("2026-03-10 21:00:00", "2026-03-11 09:00:00"),
        ("2026-03-10 23:59:59", "2026-03-11 09:00:00"), ("2026-03-11 00:00:00", "2026-03-11 09:00:00"),
        ("2026-03-11 08:59:59", "2026-03-11 09:00:00"), ("2026-03-11 09:00:00", nil),
    ])
    func theNightBeginsAndEndsToTheSecond(now: String, until: String?) throws {
        let verdict = Self.judge(try Self.configuration(), Self.friend, now: try Self.at(now))
        if let until {
            #expect(verdict == .wait(until: try Self.at(until), .quietHours))
        } else {
            #expect(verdict == .allow(employeeID: "hejun"))
        }
    }

    @Test func quietHoursWithinADayAndNone() throws {
        let lunch = try Self.configuration(quiet: ("12:00", "13:30"))
        let noon = try Self.at("2026-03-10 12:10:00")
        #expect(
            Self.judge(lunch, Self.friend, now: noon) == .wait(until: try Self.at("2026-03-10 13:30:00"), .quietHours))
        #expect(Self.judge(lunch, Self.friend, now: try Self.at("2026-03-10 23:00:00")) == .allow(employeeID: "hejun"))
        let none = try Self.configuration(quiet: ("00:00", "00:00"))
        #expect(Self.judge(none, Self.friend, now: try Self.at("2026-03-10 00:00:00")) == .allow(employeeID: "hejun"))
    }

    @Test func whatIsPutOffBeyondItsValidityIsRefused() throws {
        let night = try Self.at("2026-03-10 22:00:00")
        let configuration = try Self.configuration()
        let morning = try Self.at("2026-03-11 09:00:00")
        #expect(
            Self.judge(configuration, Self.friend, now: night, valid: morning - night)
                == .wait(until: morning, .quietHours))
        #expect(Self.judge(configuration, Self.friend, now: night, valid: morning - night - 1) == .refuse(.quietHours))
        #expect(Self.judge(configuration, Self.friend, now: night, valid: -1) == .refuse(.expired))
    }

    @Test func theCapsOfADayAndOfAWeekAreKept() throws {
        let now = try Self.at("2026-03-10 15:00:00")
        let configuration = try Self.configuration()
        var facts = Self.friend
        facts.sent = [.init(at: try Self.at("2026-03-10 09:00:00"), contentHash: "a")]
        // Tomorrow begins in the night.
        #expect(
            Self.judge(configuration, facts, now: now) == .wait(until: try Self.at("2026-03-11 09:00:00"), .dayCap))
        facts.sent = [.init(at: try Self.at("2026-03-09 23:59:59"), contentHash: "a")]
        #expect(Self.judge(configuration, facts, now: now) == .allow(employeeID: "hejun"))
        facts.sent = ["2026-03-04 15:00:01", "2026-03-06 10:00:00", "2026-03-08 10:00:00"].compactMap {
            (try? Self.at($0)).map { .init(at: $0, contentHash: "a") }
        }
        #expect(facts.sent.count == 3)
        #expect(
            Self.judge(configuration, facts, now: now, valid: 7 * Self.day)
                == .wait(until: try Self.at("2026-03-11 15:00:01"), .weekCap))
        #expect(Self.judge(configuration, facts, now: now, valid: Self.hour) == .refuse(.weekCap))
        facts.sent[0].at = now - 7 * Self.day
        #expect(Self.judge(configuration, facts, now: now) == .allow(employeeID: "hejun"))
    }

    @Test func theSameContentWaitsForItsDays() throws {
        let now = try Self.at("2026-03-10 15:00:00")
        var facts = Self.friend
        facts.sent = [.init(at: now - 30 * Self.day + 1, contentHash: "hello")]
        #expect(Self.judge(try Self.configuration(), facts, now: now) == .refuse(.sameContent))
        facts.sent[0].at = now - 30 * Self.day
        #expect(Self.judge(try Self.configuration(), facts, now: now) == .allow(employeeID: "hejun"))
        facts.sent = [.init(at: now - 10 * Self.day, contentHash: "other")]
        #expect(Self.judge(try Self.configuration(), facts, now: now) == .allow(employeeID: "hejun"))
    }

    @Test func aComplaintHoldsUntilAWeekAfterItWasResolved() throws {
        let now = try Self.at("2026-03-10 15:00:00")
        let configuration = try Self.configuration()
        var facts = Self.friend
        facts.complaints = [now - 3 * Self.day, nil]
        #expect(Self.judge(configuration, facts, now: now) == .refuse(.openComplaint))
        #expect(
            Self.judge(configuration, facts, now: now, valid: 8 * Self.day)
                == .wait(until: now + 7 * Self.day, .openComplaint))
        facts.complaints = [now - 6 * Self.day - 12 * Self.hour]
        #expect(
            Self.judge(configuration, facts, now: now) == .wait(until: now + 12 * Self.hour, .openComplaint))
        facts.complaints = [now - 7 * Self.day]
        #expect(Self.judge(configuration, facts, now: now) == .allow(employeeID: "hejun"))
    }

    /// Each has every fault below it too, so that the order shows.
    @Test func theGuardsAreAskedInTheirOrder() throws {
        let night = try Self.at("2026-03-10 22:00:00")
        var facts = CustomerFacts(
            hasOptedOut: true, consent: false, complaints: [nil],
            sent: [.init(at: night - Self.hour, contentHash: "hello")], signals: ["event:order.paid": night])
        func reason(_ configuration: CampaignsConfiguration, plan: String = "p", step: String = "s")
            -> GuardRails.Reason?
        {
            switch Self.judge(configuration, facts, now: night, plan: plan, step: step) {
            case .allow: nil
            case .wait(_, let reason), .refuse(let reason): reason
            }
        }
        let configuration = try Self.configuration(requires: ["vip"])
        #expect(reason(configuration, plan: "gone") == .planRemoved)
        #expect(reason(configuration, step: "gone") == .stepRemoved)
        #expect(reason(try Self.configuration(paused: true, requires: ["vip"])) == .planPaused)
        #expect(reason(try Self.configuration(planPaused: true, requires: ["vip"])) == .planPaused)
        #expect(reason(configuration) == .noLongerMatches)
        facts.tags = ["vip", "blacklist"]
        #expect(reason(configuration) == .planEnded)
        facts.signals = ["event:order.paid": night - 2]
        #expect(reason(configuration) == .noEmployee)
        facts.employeeID = "hejun"
        #expect(reason(configuration) == .optedOut)
        facts.hasOptedOut = false
        #expect(reason(configuration) == .stopTag)
        facts.tags = ["vip"]
        #expect(reason(configuration) == .openComplaint)
        facts.complaints = []
        #expect(reason(configuration) == .noConsent)
        facts.consent = nil
        #expect(reason(configuration) == .quietHours)
        #expect(reason(try Self.configuration(consent: .required, requires: ["vip"])) == .noConsent)
        facts.consent = true
        #expect(reason(try Self.configuration(consent: .required, quiet: ("01:00", "02:00"))) == .dayCap)
    }

    @Test func theTagOfTheTriggerIsNeededWhenItIsSent() throws {
        let now = try Self.at("2026-03-10 15:00:00")
        let configuration = try Self.configuration(trigger: .tagAdded("high-intent"))
        var facts = Self.friend
        #expect(Self.judge(configuration, facts, now: now) == .refuse(.noLongerMatches))
        facts.tags = ["high-intent"]
        #expect(Self.judge(configuration, facts, now: now) == .allow(employeeID: "hejun"))
    }

    @Test(arguments: [
        ("+3h", BusinessClock.shifted(minutes: 180)), ("-90m", .shifted(minutes: -90)), ("+0m", .real), ("soon", nil),
        ("3h", nil), ("25:00", nil), ("+99999h", nil),
    ])
    func aBusinessClockIsReadOrRefused(text: String, clock: BusinessClock?) {
        #expect(BusinessClock(text) == clock)
    }

    @Test func theBusinessClockMovesTheNightAndNotTheValidity() throws {
        let noon = try Self.at("2026-03-10 12:00:00")
        let configuration = try Self.configuration()
        let fixed = try #require(BusinessClock("22:00"))
        #expect(
            Self.judge(configuration, Self.friend, now: noon, clock: fixed)
                == .wait(until: noon + 11 * Self.hour, .quietHours))
        #expect(
            Self.judge(configuration, Self.friend, now: noon, valid: 10 * Self.hour, clock: fixed)
                == .refuse(.quietHours))
        let night = try Self.at("2026-03-10 23:00:00")
        let shifted = try #require(BusinessClock("+12h"))
        #expect(Self.judge(configuration, Self.friend, now: night, clock: shifted) == .allow(employeeID: "hejun"))
    }

    @Test(arguments: [
        (CampaignsConfiguration.Moment.after(minutes: 120), CampaignsConfiguration.DayOne?.none, "2026-03-10 16:30:00"),
        (.day(1, at: TimeOfDay("18:00") ?? TimeOfDay.noon), .anchorDay, "2026-03-10 18:00:00"),
        // Over already on the anchor's own day: at once.
        (.day(1, at: TimeOfDay("10:00") ?? TimeOfDay.noon), .anchorDay, "2026-03-10 14:30:00"),
        (.day(1, at: TimeOfDay("10:00") ?? TimeOfDay.noon), .nextDay, "2026-03-11 10:00:00"),
        (.day(3, at: TimeOfDay("10:00") ?? TimeOfDay.noon), .anchorDay, "2026-03-12 10:00:00"),
        (.day(3, at: TimeOfDay("10:00") ?? TimeOfDay.noon), .nextDay, "2026-03-13 10:00:00"),
    ])
    func aStepIsDueWhenItsMomentSays(
        moment: CampaignsConfiguration.Moment, dayOne: CampaignsConfiguration.DayOne?, due: String
    ) throws {
        let plan = CampaignsConfiguration.Plan(
            id: "p", name: "p", trigger: .event("e"), dayOne: dayOne,
            steps: [.init(id: "s", moment: moment, text: "t", validMinutes: 90)])
        let schedule = StepSchedule(Self.calendar)
        let entries = schedule.entries(of: plan, anchor: try Self.at("2026-03-10 14:30:00"))
        #expect(entries.map(\.stepID) == ["s"])
        #expect(entries.map(\.dueAt) == [try Self.at(due)])
        #expect(entries.map(\.validUntil) == [try Self.at(due) + 90 * 60_000])
    }

    @Test func aPassageBelongsToItsDayInThePlansZone() throws {
        let schedule = StepSchedule(Self.calendar)
        #expect(schedule.occurrence(anchor: try Self.at("2026-03-10 23:59:59")) == "2026-03-10")
        #expect(schedule.occurrence(anchor: try Self.at("2026-03-11 00:00:00")) == "2026-03-11")
    }
}

extension TimeOfDay {
    /// For tables, where nothing can throw.
    fileprivate static var noon: TimeOfDay {
        guard let noon = TimeOfDay("12:00") else { preconditionFailure("12:00 is a time of the day") }
        return noon
    }
}
