/// How far back a condition looks. In JSON and YAML `7d`, `12h`, `30m`, or `day`, `week`, `month`.
package enum TagWindow: Sendable, Hashable {
    /// The last so many milliseconds: an event at T counts until just before T + length.
    case rolling(milliseconds: Int64)
    /// The calendar day, week (from Monday) or month, in Asia/Shanghai.
    case calendar(Period)

    package enum Period: String, Sendable, Hashable, CaseIterable {
        case day
        case week
        case month
    }

    /// A year and a month: beyond it nothing is kept for.
    package static let longest: Int64 = 400 * 86_400_000
}

extension TagWindow: RawRepresentable, Codable {
    private static let units: [(letter: Character, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000),
    ]

    package init?(rawValue: String) {
        if let period = Period(rawValue: rawValue) {
            self = .calendar(period)
            return
        }
        guard let unit = Self.units.first(where: { $0.letter == rawValue.last }),
            let count = Int64(rawValue.dropLast()), (1...1_000_000).contains(count),
            count * unit.milliseconds <= Self.longest
        else { return nil }
        self = .rolling(milliseconds: count * unit.milliseconds)
    }

    /// The largest unit that fits: 24h is `1d`.
    package var rawValue: String {
        switch self {
        case .calendar(let period): period.rawValue
        case .rolling(let milliseconds):
            Self.units.first { milliseconds % $0.milliseconds == 0 }
                .map { "\(milliseconds / $0.milliseconds)\($0.letter)" } ?? "\(milliseconds)ms"
        }
    }
}
