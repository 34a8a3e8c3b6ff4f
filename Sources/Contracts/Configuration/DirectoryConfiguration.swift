/// Value of `config.directory.v1`: who works in a corp, and who leads whom.
package struct DirectoryConfiguration: Codable, Sendable, Equatable {
    package static let kind = "directory"

    package var corpID: String
    package var departments: [Department]
    package var employees: [Employee]

    package init(corpID: String, departments: [Department], employees: [Employee]) {
        self.corpID = corpID
        self.departments = departments
        self.employees = employees
    }

    package struct Department: Codable, Sendable, Equatable {
        package var id: Int
        package var name: String
        /// `nil` for the root.
        package var parentID: Int?
        /// User ids, first one first.
        package var leaders: [String]

        package init(id: Int, name: String, parentID: Int?, leaders: [String]) {
            self.id = id
            self.name = name
            self.parentID = parentID
            self.leaders = leaders
        }

        enum CodingKeys: String, CodingKey {
            case id
            case name
            case parentID = "parent_id"
            case leaders
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

    enum CodingKeys: String, CodingKey {
        case corpID = "corp_id"
        case departments
        case employees
    }
}
