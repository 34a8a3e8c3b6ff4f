/// Monday to Friday, nine to six, Asia/Shanghai. Pure.
///
/// China has no summer time, so the zone is a fixed offset and days are arithmetic.
package enum WorkWeek {
    private static let zone: Int64 = 8 * 3_600_000
    private static let day: Int64 = 86_400_000
    private static let opens: Int64 = 9 * 3_600_000
    private static let closes: Int64 = 18 * 3_600_000

    /// The moment at which so much working time has passed since `start` (milliseconds UTC). Outside working hours the
    /// clock stands still.
    package static func moment(after duration: Duration, from start: Int64) -> Int64 {
        var rest = max(Int64(duration / .milliseconds(1)), 0)
        var now = start + zone
        while true {
            let midnight = now - remainder(now, day)
            // The first day of 1970 was a Thursday; Monday is 0.
            let weekday = remainder(midnight / day + 3, 7)
            let begin = max(now, midnight + opens)
            let room = max(midnight + closes - begin, 0)
            if weekday < 5, room > 0 {
                if rest <= room { return begin + rest - zone }
                rest -= room
            }
            now = midnight + day
        }
    }

    private static func remainder(_ number: Int64, _ divisor: Int64) -> Int64 {
        let rest = number % divisor
        return rest < 0 ? rest + divisor : rest
    }
}
