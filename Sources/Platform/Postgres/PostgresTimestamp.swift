/// A point in time as PostgreSQL's `timestamptz` holds it, in the unit of our events.
package struct PostgresTimestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01 UTC. Microseconds of the server are rounded down.
    package var milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (left: PostgresTimestamp, right: PostgresTimestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// 2000-01-01 UTC, PostgreSQL's zero, in milliseconds since 1970.
    private static let epoch: Int64 = 946_684_800_000
    /// Julian day 0 to the year 294276, in microseconds since 2000: `src/include/datatype/timestamp.h`.
    private static let range = Int64(-211_813_488_000_000_000)..<Int64(9_223_371_331_200_000_000)

    /// Whether PostgreSQL can hold it.
    package var isStorable: Bool { wireValue != nil }

    /// Microseconds since 2000; `nil` outside PostgreSQL's range.
    var wireValue: Int64? {
        let (shifted, underflow) = milliseconds.subtractingReportingOverflow(Self.epoch)
        let (microseconds, overflow) = shifted.multipliedReportingOverflow(by: 1000)
        return underflow || overflow || !Self.range.contains(microseconds) ? nil : microseconds
    }

    /// `nil` for `infinity` and `-infinity`, which have no milliseconds.
    init?(wireValue: Int64) {
        guard Self.range.contains(wireValue) else { return nil }
        let (quotient, remainder) = wireValue.quotientAndRemainder(dividingBy: 1000)
        milliseconds = quotient - (remainder < 0 ? 1 : 0) + Self.epoch
    }
}
