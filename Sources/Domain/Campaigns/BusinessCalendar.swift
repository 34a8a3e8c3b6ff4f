package import Contracts
import Foundation

/// Days and hours of a plan's time zone. Moments are milliseconds UTC.
package struct BusinessCalendar: Sendable {
    private let calendar: Calendar

    /// - Parameter timeZone: IANA name. One that this machine does not know counts as China's, which has no summer time.
    package init(timeZone: String) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: timeZone) ?? TimeZone(secondsFromGMT: 8 * 3600) ?? .gmt
        self.calendar = calendar
    }

    package static func knows(timeZone: String) -> Bool { TimeZone(identifier: timeZone) != nil }

    /// `2026-03-10`.
    package func day(of moment: Int64) -> String {
        let part = calendar.dateComponents([.year, .month, .day], from: Self.date(moment))
        return [part.year ?? 0, part.month ?? 0, part.day ?? 0].map { $0 < 10 ? "0\($0)" : "\($0)" }
            .joined(separator: "-")
    }

    /// Minutes after midnight.
    package func minute(of moment: Int64) -> Int {
        let part = calendar.dateComponents([.hour, .minute], from: Self.date(moment))
        return (part.hour ?? 0) * 60 + (part.minute ?? 0)
    }

    /// First moment of the day, `days` later.
    package func startOfDay(_ moment: Int64, adding days: Int = 0) -> Int64 {
        let start = calendar.startOfDay(for: Self.date(moment))
        return Self.milliseconds(calendar.date(byAdding: .day, value: days, to: start) ?? start)
    }

    /// A time of the day, `days` later.
    package func moment(_ time: TimeOfDay, onDayOf moment: Int64, adding days: Int = 0) -> Int64 {
        if time.minutes == 1_440 { return startOfDay(moment, adding: days + 1) }
        let start = Self.date(startOfDay(moment, adding: days))
        // A time that a change to summer time skips becomes the next one there is.
        let found = calendar.date(bySettingHour: time.minutes / 60, minute: time.minutes % 60, second: 0, of: start)
        return Self.milliseconds(found ?? start)
    }

    private static func date(_ moment: Int64) -> Date { Date(timeIntervalSince1970: Double(moment) / 1000) }

    private static func milliseconds(_ date: Date) -> Int64 { Int64((date.timeIntervalSince1970 * 1000).rounded()) }
}
