import Foundation

/// Times as managers read them: Asia/Shanghai.
package enum BusinessTime {
    /// Needs full Foundation: FoundationEssentials has no such zone. China has no summer time, so a machine without
    /// zone data is served by the fixed offset.
    private static let zone =
        TimeZone(identifier: "Asia/Shanghai") ?? TimeZone(secondsFromGMT: 8 * 3600) ?? .gmt

    /// `2026-03-10 10:03:21`.
    package static func full(milliseconds: Int64) -> String {
        let part = parts(milliseconds)
        return "\(pad(part.year ?? 0, 4))-\(pad(part.month ?? 0))-\(pad(part.day ?? 0)) "
            + "\(pad(part.hour ?? 0)):\(pad(part.minute ?? 0)):\(pad(part.second ?? 0))"
    }

    /// `03-10 10:03`, for lines of a digest.
    package static func short(milliseconds: Int64) -> String {
        let part = parts(milliseconds)
        return "\(pad(part.month ?? 0))-\(pad(part.day ?? 0)) \(pad(part.hour ?? 0)):\(pad(part.minute ?? 0))"
    }

    private static func parts(_ milliseconds: Int64) -> DateComponents {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        return calendar.dateComponents(
            [.year, .month, .day, .hour, .minute, .second],
            from: Date(timeIntervalSince1970: Double(milliseconds) / 1000))
    }

    private static func pad(_ number: Int, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
