/// Value of `config.directory.v1`: who works in a corp, and who leads whom.
package struct DirectoryConfiguration: Codable, Sendable, Equatable {
    package static let kind = "directory"

    package var corpID: String
    package var departments: [Department]
    package var employees: [Employee]
    /// When people work; `nil` for none: Monday to Friday, 09:00 to 18:00.
    package var calendars: [Calendar]?

    package init(
        corpID: String, departments: [Department], employees: [Employee], calendars: [Calendar]? = nil
    ) {
        self.corpID = corpID
        self.departments = departments
        self.employees = employees
        self.calendars = calendars
    }

    package struct Department: Codable, Sendable, Equatable {
        package var id: Int
        package var name: String
        /// `nil` for the root.
        package var parentID: Int?
        /// User ids, first one first.
        package var leaders: [String]
        /// Of the departments below too, unless they have their own; `nil` at the root: the first calendar.
        package var calendar: String?

        package init(id: Int, name: String, parentID: Int?, leaders: [String], calendar: String? = nil) {
            self.id = id
            self.name = name
            self.parentID = parentID
            self.leaders = leaders
            self.calendar = calendar
        }

        enum CodingKeys: String, CodingKey {
            case id
            case name
            case parentID = "parent_id"
            case leaders
            case calendar
        }
    }

    package struct Employee: Codable, Sendable, Equatable {
        /// The platform's `userid`; compared without regard to case.
        package var id: String
        package var name: String
        /// Main department.
        package var departmentID: Int
        /// On leave: alerts go one department up.
        package var absent: Bool

        package init(id: String, name: String, departmentID: Int, absent: Bool = false) {
            self.id = id
            self.name = name
            self.departmentID = departmentID
            self.absent = absent
        }

        enum CodingKeys: String, CodingKey {
            case id
            case name
            case departmentID = "department_id"
            case absent
        }
    }

    /// Working days and hours, in Asia/Shanghai.
    package struct Calendar: Codable, Sendable, Equatable {
        package var id: String
        package var from: TimeOfDay
        /// After `from`.
        package var until: TimeOfDay
        /// 1 for Monday to 7 for Sunday.
        package var weekdays: [Int]
        /// Days off although their weekday is a working day.
        package var holidays: [CalendarDay]
        /// 调休: worked although they are days off otherwise.
        package var makeupDays: [CalendarDay]

        package init(
            id: String, from: TimeOfDay, until: TimeOfDay, weekdays: [Int] = [1, 2, 3, 4, 5],
            holidays: [CalendarDay] = [], makeupDays: [CalendarDay] = []
        ) {
            self.id = id
            self.from = from
            self.until = until
            self.weekdays = weekdays
            self.holidays = holidays
            self.makeupDays = makeupDays
        }

        enum CodingKeys: String, CodingKey {
            case id, from, until, weekdays, holidays
            case makeupDays = "makeup_days"
        }
    }

    enum CodingKeys: String, CodingKey {
        case corpID = "corp_id"
        case departments
        case employees
        case calendars
    }
}
