package import Contracts

/// Days, weeks and months of Asia/Shanghai, which has had eight hours before UTC all year round since 1992.
///
/// Arithmetic instead of Foundation's calendar, because every order is asked for its month; the tests compare the two.
package enum BusinessCalendar {
    private static let day: Int64 = 86_400_000
    private static let offset: Int64 = 8 * 3_600_000

    /// The number of the period that holds the moment; the next period has the next number.
    package static func number(of period: TagWindow.Period, at milliseconds: Int64) -> Int64 {
        let days = floor(milliseconds + offset, day)
        switch period {
        case .day: return days
        // 1970-01-01 was a Thursday.
        case .week: return floor(days + 3, 7)
        case .month:
            let date = civil(days)
            return date.year * 12 + date.month - 1
        }
    }

    /// The first millisecond of the numbered period.
    package static func start(of period: TagWindow.Period, number: Int64) -> Int64 {
        switch period {
        case .day: number * day - offset
        case .week: (number * 7 - 3) * day - offset
        case .month: days(year: floor(number, 12), month: number - floor(number, 12) * 12 + 1) * day - offset
        }
    }

    /// `2026-03`, `2026-03-02` (of a week: its Monday).
    package static func name(of period: TagWindow.Period, number: Int64) -> String {
        let date = civil(floor(start(of: period, number: number) + offset, day))
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let month = "\(date.year)-\(two(date.month))"
        return period == .month ? month : "\(month)-\(two(date.day))"
    }

    /// The longest the period can be.
    package static func maximumLength(of period: TagWindow.Period) -> Int64 {
        switch period {
        case .day: day
        case .week: 7 * day
        case .month: 31 * day
        }
    }

    private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
        let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? quotient - 1 : quotient
    }

    // Years are taken to begin in March, so that the leap day is the last one.

    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func days(year: Int64, month: Int64) -> Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let era = floor(marchYear, 400)
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
