package import Contracts

/// Working hours over a calendar with holidays and make-up days (调休), in Asia/Shanghai. Pure.
///
/// China has no summer time, so the zone is a fixed offset and days are arithmetic.
package struct WorkingTime: Sendable, Equatable {
    private static let zone: Int64 = 8 * 3_600_000
    private static let day: Int64 = 86_400_000
    private static let minute: Int64 = 60_000
    /// A calendar without any working time for so many days is of no use: then all time counts.
    private static let horizon = 400

    /// Minutes of the day.
    private let hours: Range<Int>
    private let weekdays: Set<Int>
    private let holidays: Set<CalendarDay>
    private let makeupDays: Set<CalendarDay>

    /// Monday to Friday, 09:00 to 18:00, no holidays.
    package static let standard = WorkingTime(hours: 540..<1_080, weekdays: [1, 2, 3, 4, 5])

    package init(_ calendar: DirectoryConfiguration.Calendar) {
        self.init(
            hours: calendar.from.minutes..<max(calendar.until.minutes, calendar.from.minutes),
            weekdays: Set(calendar.weekdays), holidays: Set(calendar.holidays),
            makeupDays: Set(calendar.makeupDays))
    }

    private init(
        hours: Range<Int>, weekdays: Set<Int>, holidays: Set<CalendarDay> = [], makeupDays: Set<CalendarDay> = []
    ) {
        self.hours = hours
        self.weekdays = weekdays
        self.holidays = holidays
        self.makeupDays = makeupDays
    }

    /// A make-up day counts even if it is listed as a holiday too.
    package func isWorkingDay(_ day: CalendarDay) -> Bool {
        makeupDays.contains(day) || weekdays.contains(day.weekday) && !holidays.contains(day)
    }

    package func isWorking(at milliseconds: Int64) -> Bool {
        let day = Self.day(of: milliseconds)
        return isWorkingDay(day) && span(of: day).contains(milliseconds)
    }

    /// The moment at which so much working time has passed since `start`. Outside working hours the clock stands still.
    ///
    /// - Parameter duration: zero or less: the first working moment from `start` on.
    package func moment(after duration: Duration, from start: Int64) -> Int64 {
        let whole = max(Int64(duration / .milliseconds(1)), 0)
        var rest = whole
        var day = Self.day(of: start)
        for _ in 0...Self.horizon {
            if isWorkingDay(day) {
                let span = span(of: day)
                let begin = max(span.lowerBound, start)
                if begin < span.upperBound {
                    let room = span.upperBound - begin
                    // All of a day's time is used up at its end, not at the beginning of the next working day.
                    if rest <= room { return begin + rest }
                    rest -= room
                }
            }
            day = CalendarDay(number: day.number + 1)
        }
        return start + whole
    }

    /// The working time between two moments; zero when `end` is not after `start`.
    package func worked(from start: Int64, to end: Int64) -> Duration {
        guard end > start else { return .zero }
        let last = min(Self.day(of: end).number, Self.day(of: start).number + 10 * Self.horizon)
        var total: Int64 = 0
        for number in Self.day(of: start).number...last where isWorkingDay(CalendarDay(number: number)) {
            let span = span(of: CalendarDay(number: number))
            total += max(0, min(span.upperBound, end) - max(span.lowerBound, start))
        }
        return .milliseconds(total)
    }

    private func span(of day: CalendarDay) -> Range<Int64> {
        let midnight = Self.midnight(of: day)
        return (midnight + Int64(hours.lowerBound) * Self.minute)..<(midnight + Int64(hours.upperBound) * Self.minute)
    }

    /// The day in Asia/Shanghai.
    package static func day(of milliseconds: Int64) -> CalendarDay {
        let local = milliseconds &+ zone
        let number = local / day - (local % day < 0 ? 1 : 0)
        return CalendarDay(number: Int(number))
    }

    /// When the day begins in Asia/Shanghai, milliseconds UTC.
    package static func midnight(of day: CalendarDay) -> Int64 { Int64(day.number) * Self.day - zone }
}
