import Foundation

/// Moments as people and scripts write them.
package enum Instant {
    /// `2025-03-10T01:45:01.102Z`.
    package static func text(_ milliseconds: Int64) -> String {
        // Whole seconds: a fraction would be cut off by the format after it was rounded down by the Double.
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        let moment = Date(timeIntervalSince1970: Double(seconds - (rest < 0 ? 1 : 0))).formatted(.iso8601).dropLast()
        let fraction = String(1000 + (rest < 0 ? rest + 1000 : rest)).dropFirst()
        return "\(moment).\(fraction)Z"
    }

    /// `30m`, `24h`, `7d` before now, a date (`2025-03-10`, UTC) or a moment in ISO 8601.
    package static func milliseconds(_ text: String, now: Int64) -> Int64? {
        let units: [Character: Int64] = ["s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        if let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
            (0...100_000).contains(count)
        {
            return now - count * unit
        }
        // Each form that doesn't fit is simply not the one meant.
        for style in [Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true)] {
            if let date = try? Date(text, strategy: style) { return Int64(date.timeIntervalSince1970 * 1000) }
        }
        if let date = try? Date(text, strategy: .iso8601.year().month().day()) {
            return Int64(date.timeIntervalSince1970 * 1000)
        }
        return nil
    }
}
