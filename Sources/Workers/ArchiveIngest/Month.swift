/// A calendar month in UTC, as the archive's partitions are cut.
struct Month: Hashable, Comparable, Sendable {
    /// Months since year 0.
    private let number: Int

    /// Months with a partition of their own; before and after, one partition holds years.
    static let partitioned = Month(year: 2020, month: 1)...Month(year: 2035, month: 12)

    init(year: Int, month: Int) { number = year * 12 + month - 1 }

    /// The month of a moment, milliseconds since 1970 UTC.
    init(milliseconds: Int64) {
        // Days since 0000-03-01 in eras of 400 years: http://howardhinnant.github.io/date_algorithms.html
        let days = Int((Double(milliseconds) / 86_400_000).rounded(.down)) + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        number = (yearOfEra + era * 400) * 12 + monthFromMarch + 2
    }

    func advanced(by months: Int) -> Month { Month(year: 0, month: number + months + 1) }

    /// As PostgreSQL's `date` is written: `2025-03-01`.
    var firstDay: String {
        let month = number % 12 + 1
        return "\(number / 12)-\(month < 10 ? "0" : "")\(month)-01"
    }

    static func < (left: Month, right: Month) -> Bool { left.number < right.number }
}
