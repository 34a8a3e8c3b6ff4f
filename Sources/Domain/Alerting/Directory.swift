package import Contracts

/// A corp's directory, indexed for questions about people.
package struct Directory: Sendable {
    package let corpID: String
    private let employees: [String: DirectoryConfiguration.Employee]
    private let departments: [Int: DirectoryConfiguration.Department]
    private let calendars: [DirectoryConfiguration.Calendar]

    package init(_ configuration: DirectoryConfiguration) {
        corpID = configuration.corpID
        employees = Dictionary(
            configuration.employees.map { ($0.id.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
        departments = Dictionary(configuration.departments.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        calendars = configuration.calendars ?? []
    }

    /// User ids are compared without regard to case, as the platform does.
    package func employee(_ id: String) -> DirectoryConfiguration.Employee? {
        employees[id.lowercased()]
    }

    /// Who answers for an employee: the first leader of the main department who is listed, present and somebody else;
    /// otherwise the same question one department up, until the root.
    ///
    /// Nobody is their own leader: when the employee concerned leads the department, offender or not, the department
    /// above hears of it.
    /// - Returns: `nil` for an employee who is not in the directory, or when nobody up to the root qualifies.
    package func leader(of employeeID: String) -> DirectoryConfiguration.Employee? { leading(employeeID)?.leader }

    /// The same with the department that the leader leads.
    package func leading(
        _ employeeID: String
    ) -> (leader: DirectoryConfiguration.Employee, departmentID: Int)? {
        guard let concerned = employee(employeeID) else { return nil }
        for department in departments(from: concerned.departmentID) {
            for candidate in department.leaders.lazy.compactMap(employee(_:))
            where !candidate.absent && candidate.id.lowercased() != concerned.id.lowercased() {
                return (candidate, department.id)
            }
        }
        return nil
    }

    /// Whether the employee's main department is one of these or lies below one.
    package func isEmployee(_ id: String, inOrBelow wanted: Set<Int>) -> Bool {
        guard let employee = employee(id) else { return false }
        return departments(from: employee.departmentID).contains { wanted.contains($0.id) }
    }

    /// When the employee works: the calendar of the main department, or the nearest one above, or the corp's first, or
    /// Monday to Friday from nine to six.
    package func workingTime(of employeeID: String?) -> WorkingTime {
        let own = employeeID.flatMap(employee(_:))
            .flatMap { departments(from: $0.departmentID).lazy.compactMap(\.calendar).first }
        let calendar = own.flatMap { id in calendars.first { $0.id == id } } ?? calendars.first
        return calendar.map { WorkingTime($0) } ?? .standard
    }

    /// All who answer for an employee, one department up at a time, each once: first ``leader(of:)``. User ids.
    package func leaders(above employeeID: String) -> [String] {
        guard let concerned = employee(employeeID) else { return [] }
        var leaders: [String] = []
        var seen: Set<String> = [concerned.id.lowercased()]
        for department in departments(from: concerned.departmentID) {
            let candidates = department.leaders.lazy.compactMap(employee(_:)).filter { !$0.absent }
            // A department whose leader was named below has nobody new to ask.
            if let leader = candidates.first(where: { $0.id.lowercased() != concerned.id.lowercased() }),
                seen.insert(leader.id.lowercased()).inserted
            {
                leaders.append(leader.id)
            }
        }
        return leaders
    }

    /// A department and those above it, up to the root. A circle of departments would be a fault of the directory; it
    /// must not hang the worker.
    private func departments(from id: Int) -> [DirectoryConfiguration.Department] {
        var way: [DirectoryConfiguration.Department] = []
        var visited: Set<Int> = []
        var current: Int? = id
        while let id = current, visited.insert(id).inserted, let department = departments[id] {
            way.append(department)
            current = department.parentID
        }
        return way
    }
}
