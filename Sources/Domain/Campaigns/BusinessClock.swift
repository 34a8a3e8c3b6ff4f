package import Contracts

/// What time it is for the guards. In production the real time; a demonstration may move it, to show by day what
/// happens at night.
///
/// Only the guards look at it: rows, waits and validities keep real time.
package enum BusinessClock: Sendable, Equatable {
    /// So many minutes from the real time.
    case shifted(minutes: Int)
    /// It is always this time of the day.
    case fixed(TimeOfDay)

    package static let real = BusinessClock.shifted(minutes: 0)

    /// `+3h`, `-90m` or `10:00`.
    package init?(_ text: String) {
        if let time = TimeOfDay(text) {
            self = .fixed(time)
            return
        }
        guard let sign = text.first, sign == "+" || sign == "-", let unit = text.last, unit == "h" || unit == "m",
            let number = Int(text.dropFirst().dropLast()), (0...10_000).contains(number)
        else { return nil }
        self = .shifted(minutes: (sign == "-" ? -number : number) * (unit == "h" ? 60 : 1))
    }

    /// As people read it.
    package var description: String {
        switch self {
        case .shifted(0): "real time"
        case .shifted(let minutes): "shifted by \(minutes > 0 ? "+" : "")\(minutes) minutes"
        case .fixed(let time): "always \(time)"
        }
    }

    /// Milliseconds to add to a real moment.
    package func shift(at moment: Int64, in calendar: BusinessCalendar) -> Int64 {
        switch self {
        case .shifted(let minutes): Int64(minutes) * 60_000
        case .fixed(let time): calendar.moment(time, onDayOf: moment) - moment
        }
    }
}
