/// A time of the day in Asia/Shanghai, to the minute. Written as `08:30`.
package struct TimeOfDay: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    /// Since midnight, 0 to 1440 (`24:00`).
    package let minutes: Int

    /// - Returns: `nil` outside the day.
    package init?(minutes: Int) {
        guard (0...1_440).contains(minutes) else { return nil }
        self.minutes = minutes
    }

    /// - Returns: `nil` for anything but `HH:MM`.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...2).contains(parts[0].count), parts[1].count == 2,
            let hours = UInt(parts[0]), let minutes = UInt(parts[1]), hours <= 24, minutes < 60
        else { return nil }
        self.init(minutes: Int(hours * 60 + minutes))
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let time = TimeOfDay(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a time HH:MM")
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    package var description: String {
        let (hours, rest) = minutes.quotientAndRemainder(dividingBy: 60)
        return "\(hours < 10 ? "0" : "")\(hours):\(rest < 10 ? "0" : "")\(rest)"
    }

    package static func < (left: TimeOfDay, right: TimeOfDay) -> Bool { left.minutes < right.minutes }
}
