import Contracts

/// The calendars of a directory file.
enum CalendarReading {
    private static let dayColumns = [
        CSVTable.Column(name: "day", others: ["date", "日期"]), CSVTable.Column(name: "kind", others: ["类型"]),
    ]

    /// - Returns: `nil` when the file has none.
    static func calendars(
        _ file: FileMapping, lists: WordLists, faults: inout [FileFault]
    ) -> [DirectoryConfiguration.Calendar]? {
        guard file.node("calendars") != nil else { return nil }
        var seen: Set<String> = []
        return file.list("calendars", faults: &faults).compactMap { node in
            let allowed = ["id", "hours", "weekdays", "holidays", "makeup_days", "days_from"]
            guard let item = FileMapping(node, allowed: allowed, faults: &faults) else { return nil }
            return calendar(item, lists: lists, seen: &seen, faults: &faults)
        }
    }

    private static func calendar(
        _ item: FileMapping, lists: WordLists, seen: inout Set<String>, faults: inout [FileFault]
    ) -> DirectoryConfiguration.Calendar? {
        let id = item.text("id", faults: &faults)
        if !id.isEmpty, !seen.insert(id).inserted { faults.append(item.fault("id", "\(id) is given twice")) }
        let hours = item.node("hours")?.text ?? "09:00-18:00"
        let times = hours.split(separator: "-").map { TimeOfDay(String($0)) }
        guard times.count == 2, let from = times[0], let until = times[1], from < until else {
            faults.append(item.fault("hours", "must be two times, as 09:00-18:00"))
            return nil
        }
        let weekdays = item.node("weekdays") == nil ? [1, 2, 3, 4, 5] : item.integers("weekdays", faults: &faults)
        if weekdays.isEmpty || !weekdays.allSatisfy({ (1...7).contains($0) }) {
            faults.append(item.fault("weekdays", "must name days from 1 (Monday) to 7 (Sunday)"))
        }
        var holidays = days("holidays", item, faults: &faults)
        var makeup = days("makeup_days", item, faults: &faults)
        for row in CSVTable.rows("days_from", of: item, columns: dayColumns, lists: lists, faults: &faults) {
            let (day, kind) = (row.text("day", faults: &faults), row.text("kind", faults: &faults))
            guard let day = CalendarDay(day) else {
                faults.append(row.fault("day", "must be a day, as 2026-10-01"))
                continue
            }
            switch kind {
            case "holiday", "休": holidays.append(day)
            case "makeup", "班": makeup.append(day)
            default: faults.append(row.fault("kind", "must be holiday (休) or makeup (班)"))
            }
        }
        for day in Set(holidays).intersection(makeup).sorted() {
            faults.append(item.fault("makeup_days", "\(day) is a holiday too"))
        }
        return .init(
            id: id, from: from, until: until, weekdays: weekdays, holidays: Set(holidays).sorted(),
            makeupDays: Set(makeup).sorted())
    }

    /// Single days, and spans as `2026-10-01..2026-10-07`.
    private static func days(_ key: String, _ item: FileMapping, faults: inout [FileFault]) -> [CalendarDay] {
        var days: [CalendarDay] = []
        for text in item.texts(key, faults: &faults) {
            let ends = text.split(separator: "..", omittingEmptySubsequences: false).map { CalendarDay(String($0)) }
            if ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last,
                last.number - first.number < 366
            {
                days += (first.number...last.number).map { CalendarDay(number: $0) }
            } else {
                faults.append(
                    item.fault(key, "\(text) is no day, as 2026-10-01, and no span, as 2026-10-01..2026-10-07"))
            }
        }
        return days
    }
}
