package import Contracts

/// When people may be told of an alert: at once, in the morning, or with the daily summary. Pure.
package struct QuietTime: Sendable, Equatable {
    /// Why somebody is told later.
    package enum Hold: String, Sendable, Hashable, Codable {
        /// 提示 are told together once a day.
        case summary
        /// Levels 1 and 2 wait for the morning.
        case night
    }

    private static let day: Int64 = 86_400_000
    private static let minute: Int64 = 60_000

    private let quiet: CorpsConfiguration.Quiet

    /// - Parameter quiet: `nil`: everything is told at once.
    package init(_ quiet: CorpsConfiguration.Quiet?) { self.quiet = quiet ?? .init() }

    /// - Returns: until when the alert waits; `nil` for not at all. Machines never wait, nor does a self-test.
    package func hold(of alert: Alert, for channel: Channel, at now: Int64) -> (until: Int64, why: Hold)? {
        guard channel != .webhook, !alert.selfTest, alert.rule.severity <= .normal else { return nil }
        if alert.rule.severity == .notice, let time = quiet.summaryAt {
            return (Self.next(time, after: now), .summary)
        }
        guard let night = quiet.night, Self.contains(night, now) else { return nil }
        return (Self.next(night.until, after: now), .night)
    }

    private static func contains(_ night: CorpsConfiguration.Night, _ now: Int64) -> Bool {
        let time = (now - WorkingTime.midnight(of: WorkingTime.day(of: now))) / minute
        let (from, until) = (Int64(night.from.minutes), Int64(night.until.minutes))
        return from < until ? (from..<until).contains(time) : time >= from || time < until
    }

    /// The first such time of a day after `now`.
    private static func next(_ time: TimeOfDay, after now: Int64) -> Int64 {
        let today = WorkingTime.midnight(of: WorkingTime.day(of: now)) + Int64(time.minutes) * minute
        return today > now ? today : today + day
    }
}
