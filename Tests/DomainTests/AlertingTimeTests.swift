import Alerting
import Contracts
import Foundation
import Testing

@Suite struct AlertingTimeTests {
    /// National day of 2026: off from Thursday the 1st to Wednesday the 7th; Saturday the 10th is worked for it.
    private static let calendar = DirectoryConfiguration.Calendar(
        id: "office", from: time("09:00"), until: time("18:00"),
        holidays: (1...7).map { day("2026-10-0\($0)") }, makeupDays: [day("2026-10-10")])

    private static func time(_ text: String) -> TimeOfDay { TimeOfDay(text) ?? TimeOfDay.midnight }
    private static func day(_ text: String) -> CalendarDay { CalendarDay(text) ?? CalendarDay(number: 0) }

    /// `2026-10-08 09:30` in Asia/Shanghai.
    private static func moment(_ text: String) -> Int64 {
        let parts = text.split(separator: " ").map(String.init)
        return WorkingTime.midnight(of: day(parts[0])) + Int64(time(parts[1]).minutes) * 60_000
    }

    @Test(arguments: [
        ("2026-09-30 08:59", false), ("2026-09-30 09:00", true), ("2026-09-30 17:59", true),
        ("2026-09-30 18:00", false), ("2026-10-01 10:00", false), ("2026-10-07 10:00", false),
        ("2026-10-08 10:00", true), ("2026-10-10 10:00", true), ("2026-10-11 10:00", false),
    ])
    func holidaysAreOffAndMakeUpDaysAreWorked(moment: String, isWorking: Bool) {
        #expect(WorkingTime(Self.calendar).isWorking(at: Self.moment(moment)) == isWorking)
    }

    @Test(arguments: [
        ("2026-09-30 10:00", 30, "2026-09-30 10:30"), ("2026-09-30 17:30", 30, "2026-09-30 18:00"),
        ("2026-09-30 17:30", 31, "2026-10-08 09:01"), ("2026-10-03 03:00", 0, "2026-10-08 09:00"),
        ("2026-10-09 17:00", 120, "2026-10-10 10:00"), ("2026-10-10 17:00", 120, "2026-10-12 10:00"),
        ("2026-09-30 23:00", 4 * 60, "2026-10-08 13:00"), ("2026-09-30 06:00", 9 * 60 + 1, "2026-10-08 09:01"),
    ])
    func theClockStandsStillOutsideWorkingHours(start: String, minutes: Int, end: String) {
        let time = WorkingTime(Self.calendar)
        let found = time.moment(after: .seconds(minutes * 60), from: Self.moment(start))
        #expect(found == Self.moment(end))
        #expect(time.worked(from: Self.moment(start), to: found) == .seconds(minutes * 60))
    }

    @Test func aCalendarWithoutWorkingDaysCountsAllTime() {
        let never = WorkingTime(
            .init(id: "never", from: Self.time("09:00"), until: Self.time("18:00"), weekdays: []))
        #expect(never.moment(after: .seconds(60), from: 1_000) == 61_000)
    }

    /// Against Foundation, on days of all kinds of years.
    @Test func daysAndWeekdaysAreThoseOfTheCalendar() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        for number in stride(from: -1, to: 80_000, by: 37) {
            let parts = calendar.dateComponents(
                [.year, .month, .day, .weekday], from: Date(timeIntervalSince1970: Double(number) * 86_400))
            let (year, month, day) = (parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
            let text = "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
            let found = CalendarDay(number: number)
            #expect(found.description == text)
            #expect(found.weekday % 7 + 1 == parts.weekday)
            #expect(number < 0 || CalendarDay(text) == found)
        }
    }

    @Test(arguments: ["2026-02-29", "2026-13-01", "2026-1-01", "2026-01-32", "today", "1969-12-31", ""])
    func whatIsNoDayIsNone(text: String) { #expect(CalendarDay(text) == nil) }

    @Test(arguments: ["24:01", "9:5", "09:60", "-1:00", "0900", "", "09:00:00"])
    func whatIsNoTimeIsNone(text: String) { #expect(TimeOfDay(text) == nil) }

    @Test func aCalendarBelongsToItsDepartmentAndThoseBelow() {
        let shop = DirectoryConfiguration.Calendar(
            id: "shop", from: Self.time("10:00"), until: Self.time("22:00"), weekdays: Array(1...7))
        func directory(_ calendars: [DirectoryConfiguration.Calendar]?) -> Directory {
            Directory(
                DirectoryConfiguration(
                    corpID: "ww1",
                    departments: [
                        .init(id: 1, name: "总部", parentID: nil, leaders: []),
                        .init(id: 2, name: "门店", parentID: 1, leaders: [], calendar: "shop"),
                        .init(id: 3, name: "一店", parentID: 2, leaders: []),
                    ],
                    employees: [
                        .init(id: "a", name: "甲", departmentID: 3), .init(id: "b", name: "乙", departmentID: 1),
                    ], calendars: calendars))
        }
        let both = directory([Self.calendar, shop])
        #expect(both.workingTime(of: "A") == WorkingTime(shop))
        #expect(both.workingTime(of: "b") == WorkingTime(Self.calendar))
        #expect(both.workingTime(of: nil) == WorkingTime(Self.calendar))
        #expect(directory(nil).workingTime(of: "a") == .standard)
    }

    struct Quiet: Sendable {
        var severity: Severity
        var channel = Channel.app
        var now: String
        var until: String?
    }

    @Test(arguments: [
        Quiet(severity: .normal, now: "2026-10-08 21:59"),
        Quiet(severity: .normal, now: "2026-10-08 22:00", until: "2026-10-09 08:30"),
        Quiet(severity: .normal, now: "2026-10-09 03:00", until: "2026-10-09 08:30"),
        Quiet(severity: .normal, now: "2026-10-09 08:30"),
        Quiet(severity: .normal, channel: .robot, now: "2026-10-09 03:00", until: "2026-10-09 08:30"),
        Quiet(severity: .normal, channel: .webhook, now: "2026-10-09 03:00"),
        Quiet(severity: .serious, now: "2026-10-09 03:00"), Quiet(severity: .urgent, now: "2026-10-09 03:00"),
        Quiet(severity: .notice, now: "2026-10-09 10:00", until: "2026-10-09 18:00"),
        Quiet(severity: .notice, now: "2026-10-09 18:00", until: "2026-10-10 18:00"),
        Quiet(severity: .notice, now: "2026-10-09 23:00", until: "2026-10-10 18:00"),
    ])
    func onlyTheLowLevelsWait(_ example: Quiet) {
        let alert = AlertingFixtures.alert(severity: example.severity)
        let hold = QuietTime(.standard).hold(of: alert, for: example.channel, at: Self.moment(example.now))
        #expect(hold?.until == example.until.map(Self.moment))
        #expect(QuietTime(nil).hold(of: alert, for: example.channel, at: Self.moment(example.now)) == nil)
    }

    @Test func aSelfTestNeverWaits() {
        let alert = AlertingFixtures.alert(severity: .notice, selfTest: true)
        #expect(QuietTime(.standard).hold(of: alert, for: .robot, at: Self.moment("2026-10-09 03:00")) == nil)
    }

    @Test(arguments: [
        (50, 100, 0, 0, AccessTokenLease.Action.use),  // now 10: fresh
        (5, 100, 0, 0, .renew), (5, 100, 20, 0, .use), (5, 100, 0, 20, .use),
        (0, 0, 0, 0, .renew), (0, 0, 20, 0, .wait), (0, 0, 0, 20, .refused), (5, 5, 5, 5, .renew),
    ])
    func aTokenIsRenewedEarlyByOne(
        renewAt: Int64, expiresAt: Int64, leasedUntil: Int64, refusedUntil: Int64, action: AccessTokenLease.Action
    ) {
        let lease = AccessTokenLease(
            renewAt: renewAt, expiresAt: expiresAt, leasedUntil: leasedUntil, refusedUntil: refusedUntil)
        #expect(lease.action(at: 10) == action)
    }
}

extension TimeOfDay {
    fileprivate static var midnight: TimeOfDay {
        guard let time = TimeOfDay(minutes: 0) else { preconditionFailure("0 is a minute of the day") }
        return time
    }
}
